import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { bodyText } from "../../lambda/http/body-text.ts";

const TEXT = '{"amount":"1 €"}';

const event = (bytes: Uint8Array, contentEncoding?: string) => ({
  headers: { "content-encoding": contentEncoding },
  body: Buffer.from(bytes).toString("base64"),
  isBase64Encoded: true,
});

const marked = Buffer.from(`\uFEFF${TEXT}`);

test.each<[string, Parameters<typeof bodyText>[0]]>([
  ["plain", { body: TEXT }],
  ["bytes", event(Buffer.from(TEXT))],
  ["a byte order mark", { body: `\uFEFF${TEXT}` }],
  ["UTF-16, little end first", event(Buffer.from(`\uFEFF${TEXT}`, "utf16le"))],
  ["UTF-16, big end first", event(Buffer.from(`\uFEFF${TEXT}`, "utf16le").swap16())],
  ["gzip", event(gzipSync(TEXT), "gzip")],
  ["deflate", event(deflateSync(TEXT), "deflate")],
  ["brotli", event(brotliCompressSync(TEXT), "br")],
  ["no encoding by name", event(Buffer.from(TEXT), "identity")],
  ["several, the last undone first", event(gzipSync(brotliCompressSync(marked)), "BR, gzip")],
])("the text of a body is read: %s", (_encoding, sent) => {
  expect(bodyText(sent)).toBe(TEXT);
});

test.each<[string, Parameters<typeof bodyText>[0]]>([
  ["bytes that are no text", event(new Uint8Array([0x22, 0xff, 0x22]))],
  ["broken data", event(Buffer.from(TEXT), "gzip")],
  ["an unknown encoding", event(Buffer.from(TEXT), "rot13")],
  ["more than a request may hold", event(gzipSync(Buffer.alloc(11_000_000)), "gzip")],
])("a body of %s has no text", (_body, sent) => {
  expect(bodyText(sent)).toBeUndefined();
});
