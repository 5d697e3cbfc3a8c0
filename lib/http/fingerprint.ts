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

/** The rules of comparison that a service had before, and the secret of that time. */
export interface PreviousRules extends FingerprintParts {
  /** @default the present secret of fingerprints */
  readonly secret?: string;
}

/** The rules of comparison of a profile. */
export interface FingerprintRules extends FingerprintParts {
  /**
   * The rules that the service had before, newest first, for as long as records of their time live. A
   * retry is compared under the rules of its record; a record of rules that are not listed here is
   * refused with `request_incomparable`, and never executed again.
   * @default []
   */
  readonly previous?: readonly PreviousRules[];
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

/** The version of the algorithm behind `fingerprint`. */
const ALGORITHM = "2";

/**
 * The name of the scheme of a fingerprint: two schemes have one name if they have the same rules, the
 * same algorithm and the same secret.
 */
export function schemeName(parts: FingerprintParts, secret?: string): string {
  const { method, path, query, body } = parts;
  const sorted = typeof body === "boolean" ? body : sortPointers(body);
  const rules = JSON.stringify([method, path, query, sorted]);
  return digest("scheme", [ALGORITHM, rules], secret).slice(0, 16);
}

function sortPointers({ include, exclude }: CountedMembers): readonly unknown[] {
  return include === undefined ? ["exclude", exclude.toSorted()] : ["include", include.toSorted()];
}
