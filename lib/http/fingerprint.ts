import { digest } from "../protocol/digest.ts";
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
  parts: FingerprintParts,
  secret?: string,
): string {
  return digest(
    "fingerprint",
    [
      parts.method ? request.method.toUpperCase() : "",
      parts.path ? request.path : "",
      parts.query ? canonicalPairs(request.query) : "",
      ...(parts.body ? canonicalBody(request) : []),
    ],
    secret,
  );
}

/** The kind of canonical form, and the form: equal forms of two kinds are not the same body. */
function canonicalBody(request: HttpRequest): [kind: string, form: string | Uint8Array] {
  const mediaType = (request.header("content-type")[0] ?? "").split(";")[0]?.trim().toLowerCase();
  const isJson = /^application\/json$|\+json$/.test(mediaType ?? "");
  const isForm = mediaType === "application/x-www-form-urlencoded";
  const text = isJson || isForm ? decode(request.body) : undefined;
  if (text !== undefined) {
    const form = isJson ? canonicalJson(text) : canonicalPairs(parsePairs(text));
    if (form !== undefined) return [isJson ? "json" : "form", form];
  }
  return ["bytes", request.body];
}

/** Sorted by name; values of one name keep their order, which may have a meaning. */
function canonicalPairs(pairs: HttpRequest["query"]): string {
  if (typeof pairs === "string") return JSON.stringify(pairs);
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The body as text, or `undefined` if it is not UTF-8. */
function decode(body: string | Uint8Array): string | undefined {
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
