import { describe, expect, test } from "@jest/globals";
import { type Body, bodyOf, memberAt } from "../../lib/http/body.ts";
import type { HttpRequest } from "../../lib/http/request.ts";

function bodyTyped(contentType: readonly string[], body: string | Uint8Array): Body {
  const header = (name: string) => (name === "content-type" ? contentType : []);
  return bodyOf({ header, body } as unknown as HttpRequest);
}

const UTF8 = new TextEncoder();

describe("a body is read by its media type:", () => {
  test.each<[string, string, string]>([
    ["application/json", "json", "JSON"],
    ["application/json; charset=utf-8", "json", "JSON with a parameter"],
    [" Application/JSON ;charset=utf-8", "json", "JSON in another spelling"],
    ["application/problem+json", "json", "a kind of JSON"],
    ["application/x-www-form-urlencoded", "form", "a form"],
  ])("%s is %s", (contentType, kind) => {
    expect(bodyTyped([contentType], "a")).toEqual({ kind, text: "a" });
    expect(bodyTyped([contentType], UTF8.encode("é"))).toEqual({ kind, text: "é" });
  });

  test.each(["text/plain", "application/jsonx", "xapplication/json", "a+jsonb", ""])(
    "%p is bytes",
    (contentType) => {
      expect(bodyTyped([contentType], "a")).toEqual({ kind: "bytes", bytes: "a" });
    },
  );

  test("one without a type is bytes, and one that is not UTF-8, and the first of several counts", () => {
    const bytes = new Uint8Array([0xff]);
    expect(bodyTyped([], "a")).toEqual({ kind: "bytes", bytes: "a" });
    expect(bodyTyped(["application/json"], bytes)).toEqual({ kind: "bytes", bytes });
    expect(bodyTyped(["text/plain", "application/json"], "a").kind).toBe("bytes");
  });

  test("a byte order mark is part of it", () => {
    const marked = UTF8.encode("\uFEFF{}");
    expect(bodyTyped(["application/json"], marked)).toEqual({ kind: "json", text: "\uFEFF{}" });
  });
});

describe("the member of a body", () => {
  const json = (value: unknown): Body => ({ kind: "json", text: JSON.stringify(value) });

  test.each<[string, unknown, string, unknown]>([
    ["at the top", { a: 1 }, "/a", 1],
    ["below another", { a: { b: [7, 8] } }, "/a/b/1", 8],
    ["with an empty name", { "": 1 }, "/", 1],
    ["with a slash and a tilde in its name", { "a/b~c": 1 }, "/a~1b~0c", 1],
    ["whose name looks like an escape", { "~1": 1 }, "/~01", 1],
    ["with several escapes of each kind", { "a//b~~": 1 }, "/a~1~1b~0~0", 1],
    ["that is null", { a: null }, "/a", null],
    ["that is not there", { a: 1 }, "/b", undefined],
    ["below null", { a: null }, "/a/b", undefined],
    ["below a text", { a: "text" }, "/a/length", undefined],
    ["that every object inherits", {}, "/__proto__", undefined],
    ["below what every object inherits", {}, "/constructor/name", undefined],
    ["that is the whole", { a: 1 }, "", { a: 1 }],
  ])("%s", (_name, value, pointer, member) => {
    expect(memberAt(json(value), pointer)).toEqual(member);
  });

  test("is found whatever the media type says", () => {
    expect(memberAt({ kind: "bytes", bytes: '{"a":1}' }, "/a")).toBe(1);
    expect(memberAt({ kind: "bytes", bytes: UTF8.encode('{"a":1}') }, "/a")).toBe(1);
    expect(memberAt({ kind: "form", text: '{"a":1}' }, "/a")).toBe(1);
  });

  test("of what is no JSON, or no UTF-8, is not there", () => {
    expect(memberAt({ kind: "json", text: "{" }, "/a")).toBeUndefined();
    expect(memberAt({ kind: "bytes", bytes: new Uint8Array([0xff]) }, "/a")).toBeUndefined();
    expect(memberAt({ kind: "bytes", bytes: new Uint8Array([0xff]) }, "")).toBeUndefined();
  });
});
