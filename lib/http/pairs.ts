import { compareNames } from "./canonical-json.ts";
import { type Selection, selectMember } from "./pointer-tree.ts";

/** Names and values of a query or a form, in the order of arrival. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * The decoded pairs of a query string or a form; or the text itself, if decoding would lose a
 * difference. All bytes that are invalid in UTF-8 become the same replacement character, and a broken
 * escape decodes to the same text as a valid one (`%zz` and `%25zz`).
 */
export function parsePairs(text: string): Pairs | string {
  const pairs = decodePairs(text);
  const isLossy = BROKEN_ESCAPE.test(text) || pairs.flat().some((part) => part.includes("\uFFFD"));
  return isLossy ? text : pairs;
}

/** Control characters: a form has none, UTF-16 that is read as UTF-8 does. */
export const CONTROLS = /(?![\t\n\r])\p{Cc}/u;

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/** The pairs as handlers see them, with replacement characters for bytes that are invalid in UTF-8. */
export function decodePairs(text: string): Pairs {
  // The "&" keeps a leading "?" from being dropped.
  return [...new URLSearchParams(`&${text}`)];
}

/**
 * The canonical form of pairs: sorted by the base of their names, the text before the first `[` or
 * `.`. Within one base the order may have a meaning: `items[][id]` and `items[][n]` in turns are a
 * list of objects, and `a.b` and `a[b]` may be one list.
 */
export function canonicalPairs(pairs: Pairs | string): string {
  if (typeof pairs === "string") return JSON.stringify(pairs);
  const based = pairs.map((pair) => ({ base: baseName(pair[0]), pair }));
  based.sort((one, other) => compareNames(one.base, other.base));
  return JSON.stringify(based.map(({ pair }) => pair));
}

/**
 * The fields that count. A pointer names a field by its whole name, or by the names in its brackets:
 * `/a/b` is `a[b]`. Only some parsers nest `a.b`: `include` takes `/a/b` for it too, `exclude` needs
 * its whole name. If no field is included, all fields count.
 */
export function selectFields<T>(
  fields: readonly T[],
  name: (field: T) => string,
  selection: Selection | undefined,
): readonly T[] {
  if (selection === undefined) return fields;
  const selected = fields.filter((field) => fieldCounts(selection, name(field)));
  return selection.how === "include" && selected.length === 0 ? fields : selected;
}

/** The names in a field's name: `a[b][]` leads through `a` and `b` to an element of a list. */
export function fieldPath(name: string): readonly string[] {
  const bracket = name.indexOf("[");
  if (bracket === -1 || !name.endsWith("]")) return [name];
  const base = name.slice(0, bracket);
  return [base, ...name.slice(base.length + 1, -1).split("][")];
}

function baseName(name: string): string {
  const end = name.search(/[.[]/);
  return end === -1 ? name : name.slice(0, end);
}

function fieldCounts(selection: Selection, name: string): boolean {
  const ways = [[name], fieldPath(name)];
  if (selection.how === "exclude") return ways.every((path) => pathCounts(selection, path));
  return [...ways, dottedPath(name)].some((path) => pathCounts(selection, path));
}

/** The names in a field's name for a parser that reads dots like brackets: `a.b`, `a[].b`, `a[b].c`. */
function dottedPath(name: string): readonly string[] {
  return name.replaceAll("]", "").split(/[.[]/);
}

function pathCounts(selection: Selection, path: readonly string[]): boolean {
  let below = selection;
  for (const [depth, name] of path.entries()) {
    // A list is included whole if the pointer leads through it by a name, as in JSON, or if its
    // elements have no numbers.
    const isElement = depth > 0 && /^\d*$/.test(name);
    const isNamed = name === "" || !below.tree.isIndexed;
    if (isElement && below.how === "include" && isNamed) return true;
    const selected = selectMember(below, name);
    if (typeof selected === "string") return selected === "counts";
    below = selected;
  }
  return true;
}
