import type { KeySource } from "./idempotency-key.ts";

/** The name of the key in a title: `Idempotency-Key`, `"/Idem"`, or the names of several places. */
export function keyName(sources: readonly KeySource[]): string {
  return sources.map(sourceName).join(" or ");
}

/** The place of the key in a sentence: `the Idempotency-Key header`, `the body's member "/Idem"`. */
export function keyPlace(sources: readonly KeySource[]): string {
  return sources.map(sourcePlace).join(" or ");
}

function sourceName(source: KeySource): string {
  if ("header" in source) return source.header;
  if ("pointer" in source) return quote(source.pointer);
  if ("pointers" in source) return source.pointers.map(quote).join(" with ");
  return sourcePlace(source).replace("the ", "");
}

function sourcePlace(source: KeySource): string {
  if ("header" in source) return `the ${source.header} header`;
  if ("path" in source) return `the path parameter ${quote(source.path)}`;
  if ("query" in source) return `the query parameter ${quote(source.query)}`;
  if ("pointer" in source) return `the body's member ${quote(source.pointer)}`;
  return `the body's members ${source.pointers.map(quote).join(" and ")}`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
