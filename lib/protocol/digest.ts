import { createHash, createHmac } from "node:crypto";

/**
 * SHA-256 (HMAC when a secret is given) over a purpose and parts, as 43 characters of base64url.
 *
 * Each part is preceded by its length in bytes, so that no two different lists of parts are the
 * same input: `["ab", "c"]` and `["a", "bc"]` differ, whatever characters a client chooses.
 */
export function digest(
  purpose: "record id" | "fingerprint" | "downstream key",
  parts: readonly (string | Uint8Array)[],
  secret?: string,
): string {
  const hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  for (const part of [purpose, ...parts]) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.digest("base64url");
}
