import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { readText, storeText } from "../../lib/dynamodb/stored-text.ts";

const entries = Array.from({ length: 150 }, (_, id) => ({ id, state: "created", amountMinor: id }));

test("an answer below a write unit is stored as it is", () => {
  const text = JSON.stringify({ statusCode: 201, body: "{}" });
  expect(storeText(text)).toEqual({ S: text });
});

test("a larger one is compressed where that saves a write unit, and comes back as it was", () => {
  const text = JSON.stringify({ statusCode: 200, body: JSON.stringify(entries) });
  const stored = storeText(text);
  expect(stored.B?.byteLength).toBeLessThan(text.length / 3);
  expect(readText(stored)).toBe(text);
});

test("what lies in a record counts beside the answer, towards the first write unit", () => {
  expect(storeText("a".repeat(724))).toHaveProperty("S");
  expect(storeText("a".repeat(725))).toHaveProperty("B");
});

test("what cannot be compressed is stored as it is", () => {
  const text = randomBytes(825).toString("base64");
  expect(storeText(text)).toEqual({ S: text });
});

test("bytes that are no compressed text are no answer", () => {
  expect(readText({ B: new Uint8Array([1, 2, 3]) })).toBeUndefined();
  expect(readText(undefined)).toBeUndefined();
});
