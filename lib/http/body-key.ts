import { normaliseKey } from "../protocol/key.ts";
import { mayHold, membersAt } from "./body-member.ts";
import type { Readings } from "./body-readings.ts";

/** A key that stands in a body, or why it is none. */
export type BodyKey =
  /** @property parts the values of which a key of several members is made. */
  { readonly key: string; readonly parts?: readonly string[] } | { readonly fault: string };

/** The key at one JSON pointer; `undefined` = the member is not there, or null. */
export function keyAt(readings: Readings, pointer: string): BodyKey | undefined {
  const keys = new Set<string>();
  for (const member of membersAt(readings, pointer)) {
    if ("fault" in member) return member;
    const { value } = member;
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" && !Number.isSafeInteger(value)) return { fault: notText(value) };
    keys.add(normaliseKey(String(value)));
  }
  const [key, ...others] = keys;
  if (others.length > 0) {
    return {
      fault: "the body holds it more than once, or can be read in several ways, and it differs",
    };
  }
  return key === undefined ? undefined : { key };
}

/** The key of several members: the JSON text of the list of their values, which joins them unambiguously. */
export function keyOfAll(readings: Readings, pointers: readonly string[]): BodyKey | undefined {
  const parts: string[] = [];
  const missing: string[] = [];
  for (const pointer of pointers) {
    const part = keyAt(readings, pointer);
    if (part === undefined) missing.push(pointer);
    else if ("fault" in part) return { fault: `of its part ${pointer}: ${part.fault}` };
    else if (part.key === "") return { fault: `its part ${pointer} is empty` };
    else parts.push(part.key);
  }
  if (parts.length === 0) return undefined;
  if (missing.length === 0) return { key: JSON.stringify(parts), parts };
  return {
    fault: `it is made of ${pointers.join(" and ")}, and ${missing.join(" and ")} is missing; send all of them, or none`,
  };
}

/**
 * Why a request is refused whose body may hold a key that cannot be read; `undefined` = it cannot.
 *
 * @param isKeyed another place holds a key. A text that does not name the member then holds no other.
 */
export function hiddenKeyFault(
  readings: Readings | undefined,
  pointers: readonly string[],
  isKeyed: boolean,
): string | undefined {
  if (readings?.fault === undefined) return undefined;
  if (isKeyed && !pointers.some((pointer) => mayHold(readings, pointer))) return undefined;
  return `the body may hold it and cannot be read: ${readings.fault}. Send the body as JSON, as a form or as multipart/form-data, in UTF-8 and without compression`;
}

function notText(value: unknown): string {
  return typeof value === "number"
    ? "it is a number with decimals, or beyond 2^53; send it as a string"
    : `it is a JSON ${typeof value}; send it as a string`;
}
