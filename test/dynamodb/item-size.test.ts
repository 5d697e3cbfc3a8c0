import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { itemBytes, kilobytesBegun } from "../../lib/dynamodb/item-size.ts";

// Expected sizes by AWS's own rules: names and texts in UTF-8, numbers about a byte for two digits
// and one more, 3 bytes for a list or map and one for each of its elements.
test.each<[string, AttributeValue, number]>([
  ["a text", { S: "abc" }, 3],
  ["a text beyond ASCII", { S: "é€" }, 5],
  ["bytes", { B: new Uint8Array(10) }, 10],
  ["a number", { N: "1234" }, 3],
  ["a negative number", { N: "-1234" }, 4],
  ["a number of 38 digits", { N: "1".repeat(38) }, 20],
  ["a number with decimals", { N: "-12.5" }, 4],
  ["a number of 42 digits", { N: "1".repeat(42) }, 21],
  ["true", { BOOL: true }, 1],
  ["null", { NULL: true }, 1],
  ["a set of texts", { SS: ["ab", "c"] }, 3],
  ["a set of numbers", { NS: ["1", "22"] }, 4],
  ["a set of bytes", { BS: [new Uint8Array(2), new Uint8Array(3)] }, 5],
  ["an empty list", { L: [] }, 3],
  ["a list", { L: [{ S: "ab" }, { BOOL: true }] }, 3 + 2 + 2 + 1],
  ["a map", { M: { ab: { S: "c" } } }, 3 + 1 + 2 + 1],
])("the size of %s", (_name, value, bytes) => {
  expect(itemBytes({ n: value })).toBe(1 + bytes);
});

test.each([
  [0, 1],
  [1, 1],
  [1_024, 1],
  [1_025, 2],
])("%i bytes begin %i KB", (bytes, kilobytes) => {
  expect(kilobytesBegun(bytes)).toBe(kilobytes);
});
