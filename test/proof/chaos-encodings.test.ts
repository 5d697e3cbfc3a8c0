import { expect, test } from "@jest/globals";
import { bodyText } from "../../lambda/http/body-text.ts";
import { ENCODING_NAMES, encode } from "../../proof/chaos/encodings.ts";

const sent = (request: { headers: object; body: Uint8Array }) =>
  bodyText({
    headers: request.headers as Record<string, string>,
    body: Buffer.from(request.body).toString("base64"),
    isBase64Encoded: true,
  });

test.each(ENCODING_NAMES)("the sample reads a body in this encoding: %s", (name) => {
  const request = { path: "/", headers: { "content-type": "application/json" }, body: '{"a":"€"}' };
  expect(sent(encode(name, request))).toBe(request.body);
});

test.each(ENCODING_NAMES)("the sample reads a form when this encoding is drawn: %s", (name) => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  expect(sent(encode(name, { path: "/", headers, body: "a=1" }))).toBe("a=1");
});
