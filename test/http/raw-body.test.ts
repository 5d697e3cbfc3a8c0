import { describe, expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import { httpApiEvent } from "../support/events.ts";

const JSON_TEXT = '{"amountMinor":9007199254740993}';
const read = (changes: object) => readRequest({ ...httpApiEvent(), ...changes }).body;
const readText = (changes: object) => Buffer.from(read(changes)).toString();

describe("a body that a parser in front has replaced is read from the kept raw body:", () => {
  test.each<[string, object]>([
    ["as text", { rawBody: JSON_TEXT }],
    ["as base64", { rawBody: btoa(JSON_TEXT), isBase64Encoded: true }],
    ["as base64, with the flag reset", { rawBody: btoa(JSON_TEXT), isBase64Encoded: false }],
    ["as decoded text, with the flag left", { rawBody: JSON_TEXT, isBase64Encoded: true }],
    ["as a Buffer", { rawBody: Buffer.from(JSON_TEXT) }],
    ["as a Buffer, with the flag left", { rawBody: Buffer.from(JSON_TEXT), isBase64Encoded: true }],
    ["as bytes", { rawBody: new TextEncoder().encode(JSON_TEXT) }],
  ])("%s", (_name, kept) => {
    expect(readText({ body: JSON.parse(JSON_TEXT), ...kept })).toBe(JSON_TEXT);
  });

  test("a text that might be base64 stays unchanged, unless it holds JSON", () => {
    expect(readText({ body: { a: "b" }, rawBody: "abcd", isBase64Encoded: false })).toBe("abcd");
    expect(readText({ body: 1234, rawBody: "1234", isBase64Encoded: false })).toBe("1234");
  });

  test.each([
    ["amount=1", "amount=2"],
    ["id=a", "id=b"],
    ["pay 100 0", "pay 1000"],
    ["ab", "ac"],
  ])(
    "two texts that Node reads as the same base64 stay different, with the flag set: %s, %s",
    (...texts) => {
      for (const text of texts) {
        expect(readText({ body: text, isBase64Encoded: true })).toBe(text);
        expect(readText({ body: {}, rawBody: text, isBase64Encoded: true })).toBe(text);
      }
    },
  );

  test.each(["base64", "base64url"] as const)("any bytes are read from %s", (encoding) => {
    const bytes = Buffer.from(Array.from({ length: 257 }, (_, i) => i));
    for (const part of [bytes, bytes.subarray(1), bytes.subarray(2), bytes.subarray(254)]) {
      const body = part.toString(encoding);
      expect(Buffer.from(read({ body, isBase64Encoded: true }))).toEqual(part);
    }
  });

  test("also where the parsed body is null, or gone", () => {
    expect(readText({ body: null, rawBody: "null" })).toBe("null");
    expect(readText({ body: undefined, rawBody: JSON_TEXT })).toBe(JSON_TEXT);
  });

  test("as a copy: later changes to the Buffer have no effect", () => {
    const rawBody = Buffer.from(JSON_TEXT);
    const body = read({ body: {}, rawBody });
    rawBody.fill(0);
    expect(Buffer.from(body).toString()).toBe(JSON_TEXT);
  });
});

test("a body that is still a text counts, and a kept raw body does not", () => {
  expect(read({ body: JSON_TEXT, rawBody: "something else" })).toBe(JSON_TEXT);
  expect(readText({ body: btoa(JSON_TEXT), isBase64Encoded: true })).toBe(JSON_TEXT);
});

describe("a body that was parsed and not kept is refused, with the likely parser:", () => {
  const multipart = { file: { filename: "a.txt", content: Buffer.from("a") }, id: "7" };
  test.each<[string, unknown, string]>([
    ["JSON", { amountMinor: 1 }, "a JSON object, as from a JSON parser (httpJsonBodyParser"],
    ["a list", [1], "a JSON object, as from a JSON parser"],
    ["a number", 7, "a number, as from a JSON parser"],
    ["a boolean", false, "a boolean, as from a JSON parser"],
    ["a BigInt", 7n, "a bigint, as from a JSON parser"],
    [
      "a form",
      Object.assign(Object.create(null), { a: "1" }),
      "a form object, as from a form parser (httpUrlencodeBodyParser)",
    ],
    ["files", multipart, "a form with files, as from a multipart parser"],
    ["FormData", new FormData(), "a form with files, as from a multipart parser"],
    ["a Buffer", Buffer.from(JSON_TEXT), "a Buffer, as from a middleware that decodes base64"],
    ["an ArrayBuffer", new ArrayBuffer(1), "a Buffer, as from a middleware that decodes base64"],
  ])("%s", (_name, body, words) => {
    for (const rawBody of [undefined, "", { a: 1 }, 7]) {
      expect(() => read({ body, rawBody })).toThrow(
        expect.objectContaining({
          name: "IdempotencyConfigurationError",
          message: expect.stringContaining(`event.body is ${words}`),
        }),
      );
    }
    expect(() => read({ body })).toThrow("Put the parser behind");
  });
});
