import type { TextMap } from "./input.ts";

/** The values by name. */
export type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Merges the two maps in which an event may hold the same headers or parameters: all values of the
 * multi-value map, and the single value if it is not among them. Neither map suffices, because either
 * may be empty, and the single map may hold the last value only.
 *
 * @param rename gives equivalent names one spelling, for example header names in lower case. Some
 *   normalisers in front add a copy under another spelling; it counts once.
 */
export function mergeValues(
  single: TextMap | null | undefined,
  multi: TextMap | null | undefined,
  rename: (name: string) => string = (name) => name,
): Values {
  const plain = plainValues(single, multi, rename);
  if (plain !== undefined) return plain;
  const merged = new Map<string, string[]>();
  for (const [name, values] of listEntries(multi, rename)) appendValues(merged, name, values);
  const known = new Map([...merged].map(([name, list]) => [name, new Set([...list, list.join()])]));
  for (const [name, values] of listEntries(single, rename)) {
    const added = values.filter((one) => !known.get(name)?.has(one));
    appendValues(merged, name, added);
  }
  return merged;
}

/**
 * The values if no merge is needed: one map, one string for each name, no name twice. Most requests
 * have this form, so this path is fast.
 */
function plainValues(
  single: TextMap | null | undefined,
  multi: TextMap | null | undefined,
  rename: (name: string) => string,
): Values | undefined {
  for (const _ in multi) return undefined;
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(single ?? {})) {
    const renamed = rename(name);
    if (typeof value !== "string" || values.has(renamed)) return undefined;
    values.set(renamed, [value]);
  }
  return values;
}

/** The values as pairs, in the order of the event. */
export function pairsFrom(values: Values): (readonly [string, string])[] {
  return [...values].flatMap(([name, list]) => list.map((one) => [name, one] as const));
}

/** The entries of a map under their renamed names, without copies. */
function listEntries(
  map: TextMap | null | undefined,
  rename: (name: string) => string,
): readonly (readonly [string, readonly string[]])[] {
  const all = Object.entries(map ?? {}).map(
    ([name, value]) => [rename(name), listTexts(value)] as const,
  );
  const isCopied = new Set(all.map(([name]) => name)).size < all.length;
  return isCopied ? [...new Map(all.map((one) => [JSON.stringify(one), one])).values()] : all;
}

function appendValues(lists: Map<string, string[]>, name: string, values: readonly string[]): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [...values]);
  else for (const value of values) list.push(value);
}

function listTexts(value: TextMap[string] | undefined): string[] {
  return [value].flat().filter((one) => typeof one === "string");
}
