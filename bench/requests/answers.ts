import type { HttpResponse } from "../../lib/index.ts";
import { randomOf } from "../statistics/random.ts";

/** What a stored answer is like: a list of transfers, or bytes that no compression makes smaller. */
export type Contents = "JSON" | "random";

const SEED = 7;

/** An answer with a body of so many bytes. */
export function answerOf(bytes: number, contents: Contents = "JSON"): HttpResponse {
  const body = contents === "JSON" ? jsonOf(bytes) : randomTextOf(bytes);
  return { statusCode: 201, headers: { "content-type": "application/json" }, body };
}

/** A page of transfers, with the ids, amounts and times that make real pages hard to compress. */
function jsonOf(bytes: number): string {
  const random = randomOf(SEED);
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const transfers: string[] = [];
  for (let length = 0; length < bytes; length += (transfers.at(-1)?.length ?? 0) + 1) {
    const at = new Date(Date.UTC(2026, 10, 1) + Math.floor(random() * 2e9)).toISOString();
    transfers.push(
      JSON.stringify({
        id: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
        status: random() < 0.8 ? "settled" : "pending",
        amount: { value: (random() * 9_000).toFixed(2), currency: "EUR" },
        from: `DE${Math.floor(random() * 1e10)}`,
        to: `DE${Math.floor(random() * 1e10)}`,
        createdAt: at,
      }),
    );
  }
  // Cut, or filled, to the byte: what is measured is bytes, and nobody parses them.
  return `{"transfers":[${transfers.join()}]}`.slice(0, bytes);
}

/** Base64 of random bytes, as of an encrypted token or an image. */
function randomTextOf(bytes: number): string {
  const random = randomOf(SEED);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))
    .toString("base64")
    .slice(0, bytes);
}
