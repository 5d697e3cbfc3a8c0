import type { TextMap } from "./input.ts";

/** The values of each name. */
export type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Merges the two maps in which an event may hold the same headers or parameters: all values of the
 * multi-value map, and the single value where it is not among them. Neither map stands for the
 * other, because either may be empty, or hold the last value only.
 *
 * @param rename gives names that mean the same one name, such as those of headers.
 */
export function mergeValues(
  single: TextMap | null | undefined,
  multi: TextMap | null | undefined,
  rename: (name: string) => string = (name) => name,
): Values {
  const merged = new Map<string, string[]>();
  for (const [name, value] of Object.entries(multi ?? {})) add(merged, rename(name), texts(value));
  const known = new Map([...merged].map(([name, list]) => [name, new Set([...list, list.join()])]));
  for (const [name, value] of Object.entries(single ?? {})) {
    const key = rename(name);
    const added = texts(value).filter((one) => !known.get(key)?.has(one));
    add(merged, key, added);
  }
  return merged;
}

/** The values as pairs, in the order of the event. */
export function pairsFrom(values: Values): (readonly [string, string])[] {
  return [...values].flatMap(([name, list]) => list.map((one) => [name, one] as const));
}

function add(lists: Map<string, string[]>, name: string, values: readonly string[]): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [...values]);
  else for (const value of values) list.push(value);
}

function texts(value: TextMap[string] | undefined): string[] {
  return [value].flat().filter((one) => typeof one === "string");
}
