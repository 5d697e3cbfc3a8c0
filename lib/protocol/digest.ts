import { createHmac, hash } from "node:crypto";

/** The purpose of a digest: digests for different purposes never meet. */
type DigestPurpose =
  | "record id"
  | "value record id"
  | "keyless record id"
  | "fingerprint"
  | "scheme"
  | "downstream key"
  | "step key"
  | "owner"
  | "durable execution"
  | "entity id"
  | "commit token"
  | "kept event";

/**
 * SHA-256 (HMAC when a secret is given) over a purpose and parts, as 43 characters of base64url.
 *
 * The length of each part in bytes precedes it, so that no two different lists of parts are the
 * same input: `["ab", "c"]` and `["a", "bc"]` differ, whichever characters a client chooses.
 */
export function digest(
  purpose: DigestPurpose,
  parts: readonly (string | Uint8Array)[],
  secret?: string,
): string {
  const input = joinParts([purpose, ...parts]);
  return secret === undefined
    ? hash("sha256", input, "base64url")
    : createHmac("sha256", secret).update(input).digest("base64url");
}

/** One text if all parts are texts: hashing one text is faster than hashing its pieces. */
function joinParts(parts: readonly (string | Uint8Array)[]): string | Uint8Array {
  let text = "";
  for (const part of parts) {
    // Stryker disable next-line BooleanLiteral,ConditionalExpression: pieces are the same input
    if (!isUtf8(part)) return Buffer.concat(parts.flatMap(encode));
    text += `utf8${Buffer.byteLength(part)}:${part}`;
  }
  return text;
}

function encode(part: string | Uint8Array): [prefix: Uint8Array, bytes: Uint8Array] {
  const isHalved = typeof part === "string" && !isUtf8(part);
  const bytes =
    // Stryker disable next-line ConditionalExpression: a copy of bytes is the same bytes
    typeof part === "string" ? Buffer.from(part, isHalved ? "utf16le" : undefined) : part;
  return [Buffer.from(`${isHalved ? "utf16" : "utf8"}${bytes.byteLength}:`), bytes];
}

/** UTF-8 has no bytes for half of a surrogate pair: all halves would become the same character. */
function isUtf8(part: string | Uint8Array): part is string {
  return typeof part === "string" && part.isWellFormed();
}
