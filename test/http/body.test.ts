import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { type Body, readBodyHeaders } from "../../lib/http/body.ts";
import type { HttpRequest } from "../../lib/http/request.ts";

/** A body with headers. Their names are in lower case. */
function bodyWith(
  headers: Readonly<Record<string, readonly string[]>>,
  body: string | Uint8Array = "a",
): Body {
  const header = (name: string) => headers[name] ?? [];
  return readBodyHeaders({ header, body } as unknown as HttpRequest);
}

const typed = (...contentTypes: string[]) => bodyWith({ "content-type": contentTypes });
const UTF8 = new TextEncoder();

describe("the media type decides the kind of a body:", () => {
  test.each<[string, Body["kind"]]>([
    ["application/json", "json"],
    ["application/json; charset=utf-8", "json"],
    ["application/json;", "json"],
    [" Application/JSON ;charset=utf-8", "json"],
    ["application/problem+json", "json"],
    ["application/x-www-form-urlencoded", "form"],
    ["multipart/form-data; boundary=b", "multipart"],
    ["multipart/mixed", "multipart"],
    ["text/plain", "other"],
    ["application/jsonx", "other"],
    ["xapplication/json", "other"],
    ["a+jsonb", "other"],
    ["", "other"],
  ])("%s is %s", (contentType, kind) => {
    expect(typed(contentType).kind).toBe(kind);
  });

  test("without a media type it is other, and of several types the first counts", () => {
    expect(typed()).toMatchObject({ kind: "other", mediaType: "", charset: undefined });
    expect(typed("text/plain", "application/json").kind).toBe("other");
  });

  test("with its charset and its boundary", () => {
    expect(typed('text/plain; charset="UTF-16"').charset).toBe("utf-16");
    expect(typed("text/plain; charset=").charset).toBeUndefined();
    expect(typed('multipart/form-data; boundary="a b"').boundary).toBe("a b");
  });

  test("and without a boundary about which parsers may disagree", () => {
    expect(typed("multipart/form-data; boundary=a; boundary=b").boundary).toBeUndefined();
    expect(typed("multipart/form-data; boundary=a", "text/plain").boundary).toBeUndefined();
  });
});

describe("the content of a body", () => {
  const bytes = UTF8.encode("some text");
  const type = { "content-type": ["application/json"] };
  const encoded = (body: string | Uint8Array, ...codings: string[]) =>
    bodyWith({ ...type, "content-encoding": codings }, body).content();

  test("is the raw body, without codings", () => {
    expect(bodyWith(type, "a").content()).toEqual({ bytes: "a" });
    expect(bodyWith(type, bytes).content()).toEqual({ bytes });
    expect(encoded("a", "identity")).toEqual({ bytes: "a" });
  });

  test("has the codings of all headers undone", () => {
    expect(encoded(gzipSync(zstdCompressSync(bytes)), "zstd", "gzip")).toMatchObject({
      bytes: Buffer.from(bytes),
    });
  });

  test("is unpacked without a header too, but a file is not", () => {
    expect(encoded(gzipSync(bytes))).toEqual({ bytes: Buffer.from(bytes) });
    expect(encoded(gzipSync(gzipSync(bytes)), "gzip")).toEqual({ bytes: Buffer.from(bytes) });
    const file = gzipSync(bytes);
    expect(bodyWith({ "content-type": ["application/gzip"] }, file).content()).toEqual({
      bytes: file,
    });
  });

  test("stays unchanged if only its first bytes look like gzip", () => {
    const broken = new Uint8Array([0x1f, 0x8b, 1]);
    expect(encoded(broken)).toEqual({ bytes: broken });
  });

  test("is unknown for a text that a header declares packed, unless the body is empty", () => {
    expect(encoded("a", "gzip")).toEqual({
      fault: expect.stringContaining("text arrived in place of compressed bytes"),
    });
    expect(encoded("", "gzip")).toEqual({ bytes: "" });
    expect(encoded(new Uint8Array(), "gzip")).toEqual({ bytes: new Uint8Array() });
  });

  test("is decoded once for all callers", () => {
    const body = bodyWith({ ...type, "content-encoding": ["gzip"] }, gzipSync(bytes));
    expect(body.content()).toBe(body.content());
  });
});
