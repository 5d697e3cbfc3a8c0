import { createHash } from "node:crypto";

/** RFC 6750's `b68token`. No token of ours is longer than 256 characters. */
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
 * The key under which a token is looked up. The table holds no token that somebody who reads it
 * could use; and since tokens are random, a plain digest is enough and nothing is compared in
 * variable time.
 */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
