import type { Field, Reading, Readings } from "./body-readings.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fieldPath } from "./pairs.ts";
import { pointerNames, pointerTree } from "./pointer-tree.ts";

/** The value of a member, or why it has none that every handler reads the same. */
export type Member = { readonly value: unknown } | { readonly fault: string };

/**
 * The values of the member at a JSON pointer (RFC 6901) in all readings of a body. Of a form `/a` is
 * the field `a`, and `/a/b` the field `a[b]` or `a.b`. A text on the way that is JSON itself is read
 * once more, as handlers do that parse twice.
 */
export function membersAt({ readings }: Readings, pointer: string): readonly Member[] {
  const names = pointerNames(pointer);
  return readings.flatMap((reading) => membersIn(reading, names));
}

/**
 * Whether a text that is neither JSON nor a form may hold a member of this name all the same, in a
 * format that is not known here.
 */
export function mayHold({ text }: Readings, pointer: string): boolean {
  if (text === undefined) return true;
  const name = pointerNames(pointer).at(-1) ?? "";
  return ESCAPES.test(text) || text.toLowerCase().includes(name.toLowerCase());
}

/** With them any name can be written in other characters. */
const ESCAPES = /\\[ux0-7]|%[0-9A-Fa-f]{2}|&#/;

function membersIn(reading: Reading, names: readonly string[]): readonly Member[] {
  if (reading.kind === "json") return jsonMembers(reading.text, reading.value, names);
  return reading.fields.flatMap((field) => fieldMembers(field, names));
}

/**
 * What JSON.parse finds, and what a parser finds that takes the first of several members with one
 * name. Only own members count, so that `/__proto__` and its like find nothing.
 */
function jsonMembers(text: string, value: unknown, names: readonly string[]): readonly Member[] {
  const last = below(value, names);
  if (!mayRepeat(text, names)) return last;
  const selection = { how: "include", tree: pointerTree([pointerTo(names)]) } as const;
  const first = canonicalJson(text, selection, "first");
  // Only what is nested deeper than any API has has none.
  if (first === undefined) return [{ fault: TOO_DEEP }];
  return [...last, ...below(JSON.parse(first), names)];
}

const TOO_DEEP =
  "its name may stand more than once, and the body is nested too deeply to tell; send one of fewer levels";

function below(value: unknown, names: readonly string[]): readonly Member[] {
  const [name, ...rest] = names;
  if (name === undefined) return [{ value }];
  if (typeof value === "string") return innerMembers(value, names);
  const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isThere ? below((value as Record<string, unknown>)[name], rest) : [];
}

function innerMembers(text: string, names: readonly string[]): readonly Member[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return jsonMembers(text, value, names);
}

/** Whether one of the names may stand twice, judged without reading the text. */
function mayRepeat(text: string, names: readonly string[]): boolean {
  return (
    text.includes("\\u") ||
    names.some((name) => {
      const written = JSON.stringify(name);
      const at = text.indexOf(written);
      // A slash and other characters may be written in several ways.
      return /["\\/\p{Cc}]/u.test(name) || text.indexOf(written, at + 1) !== -1;
    })
  );
}

function pointerTo(names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function fieldMembers(field: Field, names: readonly string[]): readonly Member[] {
  const [base = ""] = names;
  // Most fields are others; their names need no taking apart.
  if (!field.name.startsWith(base)) return [];
  const paths = [[field.name], fieldPath(field.name), field.name.split(".")];
  if (paths.some((path) => isPrefix(path, names) && path.length === names.length)) {
    return [field.fault === undefined ? { value: fieldText(field) } : { fault: field.fault }];
  }
  if (isPrefix(names, fieldPath(field.name))) {
    return [{ fault: "it is a list or has members; send it as one text" }];
  }
  const above = paths.find((path) => isPrefix(path, names));
  return above === undefined ? [] : innerMembers(fieldText(field), names.slice(above.length));
}

function fieldText({ value }: Field): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("utf8");
}

function isPrefix(path: readonly string[], names: readonly string[]): boolean {
  return path.length <= names.length && path.every((name, depth) => name === names[depth]);
}
