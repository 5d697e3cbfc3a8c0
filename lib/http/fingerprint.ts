import { digest } from "../protocol/digest.ts";
import type { Body } from "./body.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type HttpRequest, parsePairs } from "./request.ts";

/** Which parts of a request make it the same request. Headers are never among them. */
export interface FingerprintParts {
  readonly method: boolean;
  readonly path: boolean;
  readonly query: boolean;
  readonly body: boolean;
}

/**
 * What makes two requests the same request, as a digest: the chosen parts, each in a canonical
 * form. JSON bodies are equal when they hold the same members in any order, forms when they hold
 * the same pairs in any order, and everything else when the bytes are equal.
 */
export function fingerprint(
  request: HttpRequest,
  body: Body,
  parts: FingerprintParts,
  secret?: string,
): string {
  return digest(
    "fingerprint",
    [
      parts.method ? request.method.toUpperCase() : "",
      parts.path ? request.path : "",
      parts.query ? canonicalPairs(request.query) : "",
      ...(parts.body ? canonicalBody(body) : []),
    ],
    secret,
  );
}

/** The kind of canonical form, and the form: equal forms of two kinds are not the same body. */
function canonicalBody(body: Body): [kind: string, form: string | Uint8Array] {
  if (body.kind === "bytes") return ["bytes", body.bytes];
  const { kind, text } = body;
  const form = kind === "json" ? canonicalJson(text) : canonicalPairs(parsePairs(text));
  return form === undefined ? ["bytes", text] : [kind, form];
}

/** Sorted by name; values of one name keep their order, which may have a meaning. */
function canonicalPairs(pairs: HttpRequest["query"]): string {
  if (typeof pairs === "string") return JSON.stringify(pairs);
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
