import type { TextMap } from "./input.ts";

/** The values of each name. */
export type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Merges the two maps in which an event may hold the same headers or parameters: all values of the
 * multi-value map, and the single value where it is not among them. Neither map stands for the
 * other, because either may be empty, or hold the last value only.
 *
 * @param rename gives names that mean the same one name, such as those of headers. A copy under
 *   another spelling, which some normalisers in front make, counts once.
 */
export function mergeValues(
  single: TextMap | null | undefined,
  multi: TextMap | null | undefined,
  rename: (name: string) => string = (name) => name,
): Values {
  const plain = plainValues(single, multi, rename);
  if (plain !== undefined) return plain;
  const merged = new Map<string, string[]>();
  for (const [name, values] of entries(multi, rename)) add(merged, name, values);
  const known = new Map([...merged].map(([name, list]) => [name, new Set([...list, list.join()])]));
  for (const [name, values] of entries(single, rename)) {
    const added = values.filter((one) => !known.get(name)?.has(one));
    add(merged, name, added);
  }
  return merged;
}

/**
 * The values where there is nothing to merge: one map, one text for each name, no name twice. Most
 * requests come so, and every one of them pays for this.
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

/** The entries of a map under their one name, without copies. */
function entries(
  map: TextMap | null | undefined,
  rename: (name: string) => string,
): readonly (readonly [string, readonly string[]])[] {
  const all = Object.entries(map ?? {}).map(
    ([name, value]) => [rename(name), texts(value)] as const,
  );
  const isCopied = new Set(all.map(([name]) => name)).size < all.length;
  return isCopied ? [...new Map(all.map((one) => [JSON.stringify(one), one])).values()] : all;
}

function add(lists: Map<string, string[]>, name: string, values: readonly string[]): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [...values]);
  else for (const value of values) list.push(value);
}

function texts(value: TextMap[string] | undefined): string[] {
  return [value].flat().filter((one) => typeof one === "string");
}
