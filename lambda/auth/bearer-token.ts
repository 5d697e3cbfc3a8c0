import { createHash } from "node:crypto";

/** RFC 6750's `b64token`. No token of ours is longer than 256 characters. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]{1,256}=*)$/i;

/**
 * The token of an `Authorization` header, or `undefined` if it is not a well-formed bearer token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken(authorization: string): string | undefined {
  return BEARER.exec(authorization)?.[1];
}

/**
 * The key under which a token is looked up. A reader of the table finds no token that works. Tokens
 * are random, so a plain digest is enough, and no comparison takes a time that depends on a token.
 */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
