import type { Field, Reading, Readings } from "./body-readings.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fieldPath } from "./pairs.ts";
import { pointerNames, pointerTree } from "./pointer-tree.ts";

/** The value of a member, or the fault because of which handlers may read it differently. */
export type Member = { readonly value: unknown } | { readonly fault: string };

/**
 * The values of the member at a JSON pointer (RFC 6901) in all readings of a body. In a form `/a` is
 * the field `a`, and `/a/b` the field `a[b]` or `a.b`. JSON inside a string on the way is parsed too,
 * because some handlers parse twice.
 */
export function findMembers({ readings }: Readings, pointer: string): readonly Member[] {
  const names = pointerNames(pointer);
  return readings.flatMap((reading) => findInReading(reading, names));
}

/**
 * Whether a text that is neither JSON nor a form may hold a member of this name, in a format that
 * the layer does not know.
 */
export function mayHoldMember({ text }: Readings, pointer: string): boolean {
  if (text === undefined) return true;
  const name = pointerNames(pointer).at(-1) ?? "";
  return ESCAPES.test(text) || text.toLowerCase().includes(name.toLowerCase());
}

/** An escape can write any name in other characters. */
const ESCAPES = /\\[ux0-7]|%[0-9A-Fa-f]{2}|&#/;

function findInReading(reading: Reading, names: readonly string[]): readonly Member[] {
  if (reading.kind === "json") return findInJson(reading.text, reading.value, names);
  return reading.fields.flatMap((field) => findInField(field, names));
}

/**
 * The values that two kinds of parser find among several members of one name: `JSON.parse` takes the
 * last, some others the first. Only own members count, so `/__proto__` finds nothing.
 */
function findInJson(text: string, value: unknown, names: readonly string[]): readonly Member[] {
  const last = descend(value, names);
  if (!mayRepeat(text, names)) return last;
  const selection = { how: "include", tree: pointerTree([formatPointer(names)]) } as const;
  const first = canonicalJson(text, selection, "first");
  // Nested deeper than any API needs: no canonical form, so the first member is unknown.
  if (first === undefined) return [{ fault: TOO_DEEP }];
  return [...last, ...descend(JSON.parse(first), names)];
}

const TOO_DEEP =
  "its name may occur more than once, and the body is nested too deeply to check; send a body with fewer levels";

function descend(value: unknown, names: readonly string[]): readonly Member[] {
  const [name, ...rest] = names;
  if (name === undefined) return [{ value }];
  if (typeof value === "string") return findInText(value, names);
  const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isThere ? descend((value as Record<string, unknown>)[name], rest) : [];
}

function findInText(text: string, names: readonly string[]): readonly Member[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  return findInJson(text, value, names);
}

/** Whether one of the names may occur twice, judged without parsing the text. */
function mayRepeat(text: string, names: readonly string[]): boolean {
  return (
    text.includes("\\u") ||
    names.some((name) => {
      const written = JSON.stringify(name);
      const at = text.indexOf(written);
      // JSON can write a slash and some other characters in several ways.
      return /["\\/\p{Cc}]/u.test(name) || text.indexOf(written, at + 1) !== -1;
    })
  );
}

function formatPointer(names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function findInField(field: Field, names: readonly string[]): readonly Member[] {
  const [base = ""] = names;
  // Most fields have other names, and splitting a name is expensive.
  if (!field.name.startsWith(base)) return [];
  const paths = [[field.name], fieldPath(field.name), field.name.split(".")];
  if (paths.some((path) => isPrefix(path, names) && path.length === names.length)) {
    return [field.fault === undefined ? { value: fieldText(field) } : { fault: field.fault }];
  }
  if (isPrefix(names, fieldPath(field.name))) {
    return [{ fault: "it is a list or has members; send it as one string" }];
  }
  const above = paths.find((path) => isPrefix(path, names));
  return above === undefined ? [] : findInText(fieldText(field), names.slice(above.length));
}

function fieldText({ value }: Field): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("utf8");
}

function isPrefix(path: readonly string[], names: readonly string[]): boolean {
  return path.length <= names.length && path.every((name, depth) => name === names[depth]);
}
