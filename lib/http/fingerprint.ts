import { digest } from "../protocol/digest.ts";
import type { Body } from "./body.ts";
import { canonicalBody } from "./canonical-body.ts";
import { canonicalPairs } from "./pairs.ts";
import { pointerTree, type Selection } from "./pointer-tree.ts";
import type { HttpRequest } from "./request.ts";

/** The parts of a request that the fingerprint covers. Headers never count. */
export interface FingerprintParts {
  readonly method: boolean;
  readonly path: boolean;
  readonly query: boolean;
  readonly body: boolean | CountedMembers;
}

/**
 * The members of JSON bodies, forms and multipart forms that count, as JSON pointers (RFC 6901).
 * `include` counts the named members with all their content; `exclude` counts all other members. A
 * body of another kind counts whole, and so does a body without any included member. `/a/b` is also
 * the field `a[b]` of a form, and in `include` the field `a.b`.
 */
export type CountedMembers =
  | { readonly include: readonly string[]; readonly exclude?: never }
  | { readonly exclude: readonly string[]; readonly include?: never };

/**
 * The digest by which two requests are the same: the chosen parts, each in a canonical form. JSON
 * bodies are equal if they hold the same members in any order, forms if they hold the same pairs in
 * any order of their names, multipart bodies if they have the same parts. Any other bodies are equal
 * if the bytes, the media type and the charset are equal. Compression never counts.
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
