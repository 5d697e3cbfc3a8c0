import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { RecordError } from "../errors.ts";
import { readText } from "./stored-text.ts";

/* Each function reads an attribute, or refuses it by its name. None of them guesses: money is at stake. */

type Item = Readonly<Record<string, AttributeValue>>;

/** @throws RecordError */
export function text(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw unreadable(name, "a string", item[name]);
  return value;
}

/**
 * A text that may be compressed.
 *
 * @throws RecordError if it is none, or has more bytes than DynamoDB could hold.
 */
export function storedText(item: Item, name: string): string {
  const value = readText(item[name]);
  if (value === undefined) throw unreadable(name, "a text", item[name]);
  return value;
}

/**
 * Times, fences and counts are whole numbers from 0 on, in which JavaScript can count.
 *
 * @throws RecordError
 */
export function wholeNumber(item: Item, name: string): number {
  const digits = item[name]?.N;
  const value = Number(digits);
  if (digits === undefined || !Number.isFinite(value)) {
    throw unreadable(name, "a number", item[name]);
  }
  if (!Number.isSafeInteger(value) || value < 0) {
    throw unreadable(
      name,
      `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
      digits.slice(0, 50),
    );
  }
  return value;
}

export function unreadable(name: string, expected: string, found: unknown): RecordError {
  return new RecordError(
    `The record's attribute "${name}" should be ${expected} but is ${describe(found)}. Is the table used by something else as well?`,
  );
}

function describe(found: unknown): string {
  if (found === undefined) return "missing";
  return typeof found === "string" ? `"${found}"` : `of type ${Object.keys(Object(found))[0]}`;
}
