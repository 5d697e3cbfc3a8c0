import { randomBytes } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { readText, storeText } from "../../lib/dynamodb/stored-text.ts";

const entries = Array.from({ length: 150 }, (_, id) => ({ id, state: "created", amountMinor: id }));

test("a response below a write unit is stored as it is", () => {
  const text = JSON.stringify({ statusCode: 201, body: "{}" });
  expect(storeText(text)).toEqual({ S: text });
});

test("a larger response is compressed if that saves a write unit, and comes back as it was", () => {
  const text = JSON.stringify({ statusCode: 200, body: JSON.stringify(entries) });
  const stored = storeText(text);
  expect(stored.B?.byteLength).toBeLessThan(text.length / 3);
  expect(readText(stored)).toBe(text);
});

test("the rest of a record counts beside the response, towards the first write unit", () => {
  expect(storeText("a".repeat(724))).toHaveProperty("S");
  expect(storeText("a".repeat(725))).toHaveProperty("B");
});

test("a text that cannot be compressed is stored as it is", () => {
  const text = randomBytes(825).toString("base64");
  expect(storeText(text)).toEqual({ S: text });
});

test("bytes that are no compressed text are no response", () => {
  expect(readText({ B: new Uint8Array([1, 2, 3]) })).toBeUndefined();
  expect(readText(undefined)).toBeUndefined();
});

test("the largest text that DynamoDB could hold is read; a byte more is not, and is not written so", () => {
  const most = "x".repeat(400 * 1024);
  const stored = storeText(most);
  expect(stored).toHaveProperty("B");
  expect(readText(stored)).toBe(most);
  expect(readText({ B: brotliCompressSync(`${most}x`) })).toBeUndefined();
  expect(storeText(`${most}x`)).toEqual({ S: `${most}x` });
});

test("bytes that unpack to more than the bytes left are no text, even if none are left", () => {
  const stored = { B: brotliCompressSync("abc") };
  expect(readText(stored, 3)).toBe("abc");
  expect(readText(stored, 2)).toBeUndefined();
  expect(readText(stored, 0)).toBeUndefined();
  expect(readText(stored, -5)).toBeUndefined();
});

test("bytes that unpack to something else than UTF-8 are no text", () => {
  expect(readText({ B: brotliCompressSync(new Uint8Array([0x22, 0xff, 0x22])) })).toBeUndefined();
});
