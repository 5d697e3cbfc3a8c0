import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { type Body, readBodyHeaders } from "../../lib/http/body.ts";
import type { HttpRequest } from "../../lib/http/request.ts";

/** A body with headers, whose names are in lower case. */
function bodyWith(
  headers: Readonly<Record<string, readonly string[]>>,
  body: string | Uint8Array = "a",
): Body {
  const header = (name: string) => headers[name] ?? [];
  return readBodyHeaders({ header, body } as unknown as HttpRequest);
}

const typed = (...contentTypes: string[]) => bodyWith({ "content-type": contentTypes });
const UTF8 = new TextEncoder();

describe("the kind of a body is that of its media type:", () => {
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

  test("without one it is another, and of several the first counts", () => {
    expect(typed()).toMatchObject({ kind: "other", mediaType: "", charset: undefined });
    expect(typed("text/plain", "application/json").kind).toBe("other");
  });

  test("with its charset and its boundary", () => {
    expect(typed('text/plain; charset="UTF-16"').charset).toBe("utf-16");
    expect(typed("text/plain; charset=").charset).toBeUndefined();
    expect(typed('multipart/form-data; boundary="a b"').boundary).toBe("a b");
  });

  test("and without a boundary that parsers may read otherwise", () => {
    expect(typed("multipart/form-data; boundary=a; boundary=b").boundary).toBeUndefined();
    expect(typed("multipart/form-data; boundary=a", "text/plain").boundary).toBeUndefined();
  });
});

describe("the content of a body", () => {
  const bytes = UTF8.encode("some text");
  const type = { "content-type": ["application/json"] };
  const encoded = (body: string | Uint8Array, ...codings: string[]) =>
    bodyWith({ ...type, "content-encoding": codings }, body).content();

  test("is what came, without codings", () => {
    expect(bodyWith(type, "a").content()).toEqual({ bytes: "a" });
    expect(bodyWith(type, bytes).content()).toEqual({ bytes });
    expect(encoded("a", "identity")).toEqual({ bytes: "a" });
  });

  test("has its codings undone, those of all headers", () => {
    expect(encoded(gzipSync(zstdCompressSync(bytes)), "zstd", "gzip")).toMatchObject({
      bytes: Buffer.from(bytes),
    });
  });

  test("is unpacked where no header says so, but not of a file", () => {
    expect(encoded(gzipSync(bytes))).toEqual({ bytes: Buffer.from(bytes) });
    expect(encoded(gzipSync(gzipSync(bytes)), "gzip")).toEqual({ bytes: Buffer.from(bytes) });
    const file = gzipSync(bytes);
    expect(bodyWith({ "content-type": ["application/gzip"] }, file).content()).toEqual({
      bytes: file,
    });
  });

  test("stays as it came where it only begins like gzip", () => {
    const broken = new Uint8Array([0x1f, 0x8b, 1]);
    expect(encoded(broken)).toEqual({ bytes: broken });
  });

  test("is not known where a text is said to be packed, but of nothing there is nothing to know", () => {
    expect(encoded("a", "gzip")).toEqual({ fault: expect.stringContaining("is text, not bytes") });
    expect(encoded("", "gzip")).toEqual({ bytes: "" });
    expect(encoded(new Uint8Array(), "gzip")).toEqual({ bytes: new Uint8Array() });
  });

  test("is decoded once, whoever asks", () => {
    const body = bodyWith({ ...type, "content-encoding": ["gzip"] }, gzipSync(bytes));
    expect(body.content()).toBe(body.content());
  });
});
