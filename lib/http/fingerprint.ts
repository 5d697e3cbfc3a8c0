import { digest } from "../protocol/digest.ts";
import type { Body } from "./body.ts";
import { canonicalBody } from "./canonical-body.ts";
import { canonicalPairs } from "./pairs.ts";
import { pointerTree, type Selection } from "./pointer-tree.ts";
import type { HttpRequest } from "./request.ts";

/** Which parts of a request make it the same request. Headers are never among them. */
export interface FingerprintParts {
  readonly method: boolean;
  readonly path: boolean;
  readonly query: boolean;
  readonly body: boolean | CountedMembers;
}

/**
 * The members of JSON bodies, forms and multipart forms that count, as JSON pointers (RFC 6901):
 * those that are named, with everything in them; or all but those. Everything counts of any other
 * body, and where no included member is in it. `/a/b` is also the field `a[b]` of a form, and where it is
 * included `a.b`.
 */
export type CountedMembers =
  | { readonly include: readonly string[]; readonly exclude?: never }
  | { readonly exclude: readonly string[]; readonly include?: never };

/**
 * What makes two requests the same request, as a digest: the chosen parts, each in a canonical
 * form. JSON bodies are equal when they hold the same members in any order, forms when they hold
 * the same pairs in any order of their names, multipart bodies when they have the same parts, and
 * everything else when the bytes, the media type and the charset are equal. Compression never counts.
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
      ...(parts.body === false ? [] : canonicalBody(body, selection(parts.body))),
    ],
    secret,
  );
}

function selection(members: true | CountedMembers): Selection | undefined {
  if (members === true) return undefined;
  const { include, exclude } = members;
  return include === undefined
    ? { how: "exclude", tree: pointerTree(exclude) }
    : { how: "include", tree: pointerTree(include) };
}
