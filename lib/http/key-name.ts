import type { KeySource } from "./idempotency-key.ts";

/** The name of the key in a title: `Idempotency-Key`, `"/Idem"`, or the names of several places. */
export function keyName(sources: readonly KeySource[]): string {
  return sources.map(nameIn).join(" or ");
}

/** The place of the key in a sentence: `the Idempotency-Key header`, `the body's member "/Idem"`. */
export function keyPlace(sources: readonly KeySource[]): string {
  return sources.map(placeIn).join(" or ");
}

function nameIn(source: KeySource): string {
  if ("header" in source) return source.header;
  if ("pointer" in source) return quoted(source.pointer);
  if ("pointers" in source) return source.pointers.map(quoted).join(" with ");
  return placeIn(source).replace("the ", "");
}

function placeIn(source: KeySource): string {
  if ("header" in source) return `the ${source.header} header`;
  if ("path" in source) return `the path parameter ${quoted(source.path)}`;
  if ("query" in source) return `the query parameter ${quoted(source.query)}`;
  if ("pointer" in source) return `the body's member ${quoted(source.pointer)}`;
  return `the body's members ${source.pointers.map(quoted).join(" and ")}`;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
