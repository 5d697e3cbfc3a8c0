import { createHash, createHmac } from "node:crypto";

/**
 * SHA-256 (HMAC when a secret is given) over a purpose and parts, as 43 characters of base64url.
 *
 * Each part is preceded by its length in bytes, so that no two different lists of parts are the
 * same input: `["ab", "c"]` and `["a", "bc"]` differ, whatever characters a client chooses.
 */
export function digest(
  purpose: "record id" | "fingerprint" | "downstream key" | "step key",
  parts: readonly (string | Uint8Array)[],
  secret?: string,
): string {
  const hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  for (const part of [purpose, ...parts]) {
    const [encoding, bytes] = encode(part);
    hash.update(`${encoding}${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest("base64url");
}

/** UTF-8 has no bytes for half of a surrogate pair: all halves would become the same character. */
function encode(part: string | Uint8Array): [encoding: "utf8" | "utf16", bytes: Uint8Array] {
  if (typeof part !== "string") return ["utf8", part];
  return part.isWellFormed()
    ? ["utf8", Buffer.from(part, "utf8")]
    : ["utf16", Buffer.from(part, "utf16le")];
}
