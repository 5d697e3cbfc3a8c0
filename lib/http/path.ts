/*
 * One request has one path, independent of its route and domain name. API Gateway changes the path on
 * its way: a custom domain prepends its base path, an HTTP API its stage. The route with its
 * parameters filled in has neither.
 */

/**
 * The form of the paths and path parameters in an event: as the client sent them (`escaped`), or with
 * their percent escapes resolved (`plain`, HTTP APIs). Resolving a plain path again would make
 * `%2540` and `%40` the same path.
 */
export type PathForm = "escaped" | "plain";

/** The route of an HTTP API for requests that match no other route. Every function URL has it. */
export const CATCH_ALL = "$default";

/**
 * Fills the values of its parameters into a route.
 *
 * @param template `/wallets/{id}/transfers`, `/{proxy+}`.
 * @returns the path; `undefined` if the event does not have all parameters.
 */
export function fillPath(
  template: string,
  parameters: ReadonlyMap<string, readonly string[]>,
  form: PathForm,
): string | undefined {
  if (!template.includes("{")) return canonicalPath(template, form);
  const segments: string[][] = [];
  for (const segment of template.split("/")) {
    const parameter = readParameter(segment);
    const value = parameter === undefined ? segment : parameters.get(parameter.name)?.at(-1);
    if (value === undefined) return undefined;
    segments.push(parameter?.isGreedy === true ? value.split("/") : [value]);
  }
  return joinSegments(segments.flat().map((segment) => canonicalSegment(segment, form)));
}

/** A path with each segment in its canonical form. */
export function canonicalPath(path: string, form: PathForm): string {
  if (CANONICAL_PATH.test(path)) return path;
  return joinSegments(path.split("/").map((segment) => canonicalSegment(segment, form)));
}

/** The path without the stage that API Gateway prepends. */
export function withoutStage(path: string, stage: unknown): string {
  if (typeof stage !== "string" || stage === "" || stage === "$default") return path;
  if (path === `/${stage}`) return "/";
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

/** The parameter in a segment of a route. A greedy parameter takes all further segments. */
export function readParameter(
  segment: string,
): { readonly name: string; readonly isGreedy: boolean } | undefined {
  if (!segment.startsWith("{") || !segment.endsWith("}")) return undefined;
  const isGreedy = segment.endsWith("+}");
  return { name: segment.slice(1, isGreedy ? -2 : -1), isGreedy };
}

/** A text with its percent escapes resolved; U+FFFD if they are not valid UTF-8. */
export function resolveEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // An escape of bytes that are invalid in UTF-8, or a bare "%".
  }
  return "\uFFFD";
}

/**
 * Percent-encodes a segment, so that `~`, `%7e` and `%7E` are equal. A segment with an escape that is
 * not UTF-8 stays unchanged: no canonical segment has such an escape, so no two segments collide.
 */
function canonicalSegment(segment: string, form: PathForm): string {
  if (PLAIN_SEGMENT.test(segment)) return segment;
  try {
    return encodeURIComponent(form === "escaped" ? decodeURIComponent(segment) : segment);
  } catch {
    // Not UTF-8, or half of a surrogate pair.
  }
  return segment;
}

/** Characters that `encodeURIComponent` keeps. */
const PLAIN_SEGMENT = /^[\w.~!'()*-]*$/;

/** A path that is its own canonical form. */
const CANONICAL_PATH = /^(?:\/[\w.~!'()*-]+)+$/;

/** Trailing slashes do not count: a REST API finds the same resource with and without them. */
function joinSegments(segments: readonly string[]): string {
  let end = segments.length;
  while (end > 0 && segments[end - 1] === "") end -= 1;
  const path = segments.slice(0, end).join("/");
  return path.startsWith("/") ? path : `/${path}`;
}
