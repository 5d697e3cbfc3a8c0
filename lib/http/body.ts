import type { HttpRequest } from "./request.ts";

/** A body by its media type: text where it is JSON or a form in UTF-8, bytes otherwise. */
export type Body =
  | { readonly kind: "json" | "form"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: string | Uint8Array };

/** Decodes the body of a request, once for everything that reads it. */
export function bodyOf(request: HttpRequest): Body {
  const kind = kindOf(request.header("content-type")[0]?.replace(/;.*/s, "").trim().toLowerCase());
  if (kind !== undefined) {
    const text = decode(request.body);
    if (text !== undefined) return { kind, text };
  }
  return { kind: "bytes", bytes: request.body };
}

/**
 * The member of a JSON body at a JSON pointer (RFC 6901), or `undefined` if there is none. Only own
 * members count, so that `/__proto__` and its like find nothing.
 *
 * The media type does not count: a handler that parses the body all the same would otherwise run
 * unprotected for a client that sends JSON as `text/plain`.
 */
export function memberAt(body: Body, pointer: string): unknown {
  const text = body.kind === "bytes" ? decode(body.bytes) : body.text;
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch {
    // Nothing is in what is no JSON, or no text.
  }
  for (const escaped of pointer.split("/").slice(1)) {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function kindOf(mediaType: string | undefined): "json" | "form" | undefined {
  if (mediaType?.match(/^application\/json$|\+json$/)) return "json";
  return mediaType === "application/x-www-form-urlencoded" ? "form" : undefined;
}

/** The body as text, or `undefined` if it is not UTF-8. */
function decode(body: string | Uint8Array): string | undefined {
  if (typeof body === "string") return body;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    // Not UTF-8.
  }
  return undefined;
}
