import { digest } from "../protocol/digest.ts";
import type { Body } from "./body.ts";
import { canonicalJson, compareNames, escapeMember } from "./canonical-json.ts";
import { type HttpRequest, parsePairs } from "./request.ts";

/** Which parts of a request make it the same request. Headers are never among them. */
export interface FingerprintParts {
  readonly method: boolean;
  readonly path: boolean;
  readonly query: boolean;
  readonly body: boolean | CountedMembers;
}

/**
 * The members of JSON and form bodies that count, as JSON pointers (RFC 6901): those that are named,
 * with whatever is in them; or all but those. Of any other body all bytes count.
 */
export type CountedMembers =
  | { readonly include: readonly string[]; readonly exclude?: never }
  | { readonly exclude: readonly string[]; readonly include?: never };

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
      ...(parts.body === false ? [] : canonicalBody(body, keeps(parts.body))),
    ],
    secret,
  );
}

/** The kind of canonical form, and the form: equal forms of two kinds are not the same body. */
function canonicalBody(body: Body, keeps?: Keeps): [kind: string, form: string | Uint8Array] {
  if (body.kind === "bytes") return ["bytes", body.bytes];
  const { kind, text } = body;
  const form = kind === "json" ? canonicalJson(text, keeps) : canonicalForm(text, keeps);
  return form === undefined ? ["bytes", text] : [kind, form];
}

/** Whether the member at a pointer counts. */
type Keeps = (pointer: string) => boolean;

function keeps(members: true | CountedMembers): Keeps | undefined {
  if (members === true) return undefined;
  const { include, exclude } = members;
  if (exclude !== undefined) return (pointer) => !exclude.includes(pointer);
  // What leads to a member is kept as well, and what is in it.
  return (pointer) =>
    include.some((one) => `${pointer}/`.startsWith(`${one}/`) || one.startsWith(`${pointer}/`));
}

function canonicalForm(text: string, keeps?: Keeps): string {
  const pairs = parsePairs(text);
  if (keeps === undefined || typeof pairs === "string") return canonicalPairs(pairs);
  return canonicalPairs(pairs.filter(([name]) => keeps(`/${escapeMember(name)}`)));
}

/** Sorted by name; values of one name keep their order, which may have a meaning. */
function canonicalPairs(pairs: HttpRequest["query"]): string {
  if (typeof pairs === "string") return JSON.stringify(pairs);
  return JSON.stringify(pairs.toSorted(([a], [b]) => compareNames(a, b)));
}
