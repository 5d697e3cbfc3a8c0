import type { HttpResponse } from "../../lib/index.ts";
import { createRandom } from "../statistics/random.ts";

/** The contents of a stored response: a list of transfers, or bytes that do not compress. */
export type Contents = "JSON" | "random";

const SEED = 7;

/** A response with a body of this size. */
export function createResponse(bytes: number, contents: Contents = "JSON"): HttpResponse {
  const body = contents === "JSON" ? createJson(bytes) : createRandomText(bytes);
  return { statusCode: 201, headers: { "content-type": "application/json" }, body };
}

/** A page of transfers, with the ids, amounts and times that make real pages hard to compress. */
function createJson(bytes: number): string {
  const random = createRandom(SEED);
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
  // Cut to the byte: the benchmark measures bytes, and no code parses them.
  return `{"transfers":[${transfers.join()}]}`.slice(0, bytes);
}

/** Base64 of random bytes, like an encrypted token or an image. */
function createRandomText(bytes: number): string {
  const random = createRandom(SEED);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)))
    .toString("base64")
    .slice(0, bytes);
}
