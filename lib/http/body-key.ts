import { normaliseKey } from "../protocol/key.ts";
import { findMembers, mayHoldMember } from "./body-member.ts";
import type { Readings } from "./body-readings.ts";

/** A key from a body, or the fault that makes it unusable. */
export type BodyKey =
  /** @property parts the values of the members, where the key has several. */
  { readonly key: string; readonly parts?: readonly string[] } | { readonly fault: string };

/** The key at one JSON pointer; `undefined` = the member is absent or null. */
export function readKeyAt(readings: Readings, pointer: string): BodyKey | undefined {
  const keys = new Set<string>();
  for (const member of findMembers(readings, pointer)) {
    if ("fault" in member) return member;
    const { value } = member;
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" && !Number.isSafeInteger(value))
      return { fault: describeWrongType(value) };
    keys.add(normaliseKey(String(value)));
  }
  const [key, ...others] = keys;
  if (others.length > 0) {
    return {
      fault:
        "the body holds several keys there, or can be read in ways that give different keys; send one key, once",
    };
  }
  return key === undefined ? undefined : { key };
}

/** The key of several members: the JSON text of the list of their values. Two lists never give one text. */
export function readCompositeKey(
  readings: Readings,
  pointers: readonly string[],
): BodyKey | undefined {
  const parts: string[] = [];
  const missing: string[] = [];
  for (const pointer of pointers) {
    const part = readKeyAt(readings, pointer);
    if (part === undefined) missing.push(pointer);
    else if ("fault" in part) return { fault: `its part ${pointer} is not valid: ${part.fault}` };
    else if (part.key === "") return { fault: `its part ${pointer} is empty` };
    else parts.push(part.key);
  }
  if (parts.length === 0) return undefined;
  if (missing.length === 0) return { key: JSON.stringify(parts), parts };
  return {
    fault: `it consists of ${pointers.join(" and ")}, and ${missing.join(" and ")} is missing; send all of them, or none`,
  };
}

/**
 * The fault of an unreadable body that may hold a key; `undefined` = it holds none.
 *
 * @param isKeyed another place holds a key. A text without the member's name then holds no second key.
 */
export function findHiddenKeyFault(
  readings: Readings | undefined,
  pointers: readonly string[],
  isKeyed: boolean,
): string | undefined {
  if (readings?.fault === undefined) return undefined;
  if (isKeyed && !pointers.some((pointer) => mayHoldMember(readings, pointer))) return undefined;
  return `the body may hold it and cannot be read: ${readings.fault}. Send the body as JSON, as a form or as multipart/form-data, in UTF-8 and without compression`;
}

function describeWrongType(value: unknown): string {
  return typeof value === "number"
    ? "it is a number with decimals, or one beyond 2^53; send it as a string"
    : `it is a JSON ${typeof value}; send it as a string`;
}
