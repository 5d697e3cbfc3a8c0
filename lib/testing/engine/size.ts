import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./errors.ts";
import type { Item } from "./value.ts";

const MAX_ITEM_BYTES = 400 * 1024;

/** The size of an item in bytes, by DynamoDB's rules for its limits. */
export function itemBytes(item: Item): number {
  return sum(
    Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)),
  );
}

/** @throws ValidationException for an item of more than 400 KB. */
export function checkSize(item: Item, message: string): void {
  if (itemBytes(item) > MAX_ITEM_BYTES) invalid(message);
}

function valueBytes(value: AttributeValue): number {
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.NS !== undefined) return sum(value.NS.map(numberBytes));
  if (value.L !== undefined) return 3 + sum(value.L.map((one) => 1 + valueBytes(one)));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  const texts = value.S !== undefined ? [value.S] : value.SS;
  if (texts !== undefined) return sum(texts.map((text) => Buffer.byteLength(text)));
  const binaries = value.B !== undefined ? [value.B] : value.BS;
  return binaries === undefined ? 1 : sum(binaries.map(({ byteLength }) => byteLength));
}

/** One byte for two digits, and one more. */
function numberBytes(text: string): number {
  const digits = text.replace(/\D/g, "").length;
  return Math.min(21, Math.ceil(digits / 2) + 1 + (text.startsWith("-") ? 1 : 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
