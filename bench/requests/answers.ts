import type { HttpResponse } from "../../lib/index.ts";
import { createRandom } from "../../proof/kit/random.ts";

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
  const { fraction } = createRandom(SEED);
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join("");
  const transfers: string[] = [];
  for (let length = 0; length < bytes; length += (transfers.at(-1)?.length ?? 0) + 1) {
    const at = new Date(Date.UTC(2026, 10, 1) + Math.floor(fraction() * 2e9)).toISOString();
    transfers.push(
      JSON.stringify({
        id: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
        status: fraction() < 0.8 ? "settled" : "pending",
        amount: { value: (fraction() * 9_000).toFixed(2), currency: "EUR" },
        from: `DE${Math.floor(fraction() * 1e10)}`,
        to: `DE${Math.floor(fraction() * 1e10)}`,
        createdAt: at,
      }),
    );
  }
  // Cut to the byte: the benchmark measures bytes, and no code parses them.
  return `{"transfers":[${transfers.join()}]}`.slice(0, bytes);
}

/** Base64 of random bytes, like an encrypted token or an image. */
function createRandomText(bytes: number): string {
  const { fraction } = createRandom(SEED);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(fraction() * 256)))
    .toString("base64")
    .slice(0, bytes);
}
