import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { readBodyHeaders } from "../../lib/http/body.ts";
import { findKey, type KeyRules } from "../../lib/http/idempotency-key.ts";
import { readRequest } from "../../lib/http/request.ts";
import { ENCODERS } from "../support/encodings.ts";
import { httpApiEvent } from "../support/events.ts";

const UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const OTHER = "11111111-40d5-43e8-bc93-6894a57f9324";
const BOMB = gzipSync(Buffer.alloc(33 * 1024 * 1024), { level: 1 });
const JSON_BODY = `{"Idem":"${UUID}","amount":5}`;
const FORM = "application/x-www-form-urlencoded";
const RULES: KeyRules = {
  keyFrom: [{ pointer: "/Idem" }],
  keyFormat: "visible",
  missingKey: "pass",
};

/** Base64 in lines, as in MIME. */
const LINES = Buffer.from(`${JSON_BODY}${" ".repeat(60)}`)
  .toString("base64")
  .replace(/.{76}/g, "$&\r\n");

type Sent = string | Uint8Array;

function find(
  body: Sent,
  headers: Readonly<Record<string, string>> = {},
  rules: Partial<KeyRules> = {},
) {
  const request = readRequest(httpApiEvent({ body, headers }));
  return findKey(request, readBodyHeaders(request), { ...RULES, ...rules });
}

const typed = (contentType: string, body: Sent, rules: Partial<KeyRules> = {}) =>
  find(body, { "Content-Type": contentType }, rules);
const encoded = (coding: string, body: Sent) => find(body, { "Content-Encoding": coding });
const bytes = (text: string) => Buffer.from(text);
const key = (text: string) => ({ kind: "key", key: text });
const NONE = { kind: "none" };
const malformed = (reason: string) => ({
  kind: "refuse",
  refusal: { code: "key_malformed", detail: expect.stringContaining(reason) },
});

describe("a key in JSON is found", () => {
  test.each<[string, Sent]>([
    ["behind a byte order mark", `\uFEFF${JSON_BODY}`],
    ["behind the mark in bytes", bytes(`\uFEFF${JSON_BODY}`)],
    ["among blanks that trim() cuts off", `\u00A0\u2028${JSON_BODY}\uFEFF\n`],
    [
      "beside bytes that are no UTF-8",
      Buffer.concat([bytes(`{"Idem":"${UUID}","a":"`), Buffer.from([0xff]), bytes('"}')]),
    ],
    ["in a JSON text", JSON.stringify(JSON_BODY)],
    ["in a JSON text in a JSON text", JSON.stringify(JSON.stringify(JSON_BODY))],
    ["behind a byte order mark in a JSON text", JSON.stringify(`\uFEFF${JSON_BODY}`)],
    ["in base64 in a JSON text", JSON.stringify(bytes(JSON_BODY).toString("base64"))],
    ["in gzip in base64 in a JSON text", JSON.stringify(gzipSync(JSON_BODY).toString("base64"))],
    ["in a form in a JSON text", JSON.stringify(`Idem=${UUID}&a=1`)],
    ["in base64 that the event does not announce", bytes(JSON_BODY).toString("base64")],
    ["in base64 in lines", LINES],
    ["in base64 that is base64 once more", bytes(bytes(JSON_BODY).toString("base64"))],
    ["in gzip in base64 that the event does not announce", gzipSync(JSON_BODY).toString("base64")],
    ["in gzip that no header announces", gzipSync(JSON_BODY)],
    ["in zlib's format that no header announces", deflateSync(JSON_BODY)],
    ["under a name that is escaped", `{"\\u0049dem":"${UUID}"}`],
  ])("%s", (_name, body) => {
    expect(find(body)).toEqual(key(UUID));
    expect(typed("text/plain", body)).toEqual(key(UUID));
    expect(typed("application/octet-stream", body)).toEqual(key(UUID));
  });

  test.each(Object.keys(ENCODERS))(
    "in %s, with a mark, with a charset, and with neither",
    (name) => {
      const encode = (text: string) => ENCODERS[name]?.(text) as Uint8Array;
      expect(find(encode(`\uFEFF${JSON_BODY}`))).toEqual(key(UUID));
      expect(find(encode(JSON_BODY))).toEqual(key(UUID));
      expect(typed(`application/json; charset=${name}`, encode(JSON_BODY))).toEqual(key(UUID));
      expect(typed("application/json; charset=iso-8859-1", encode(JSON_BODY))).toEqual(key(UUID));
    },
  );

  test("in a plain body under any Content-Encoding", () => {
    expect(encoded("gzip", JSON_BODY)).toEqual(key(UUID));
    expect(encoded("gzip", bytes(JSON_BODY))).toEqual(key(UUID));
    expect(encoded("utf-8", JSON_BODY)).toEqual(key(UUID));
    expect(encoded("br, gzip", gzipSync(brotliCompressSync(JSON_BODY)))).toEqual(key(UUID));
  });

  test("in JSON text inside a JSON string", () => {
    const rules = { keyFrom: [{ pointer: "/data/Idem" }] };
    expect(find(JSON.stringify({ data: JSON_BODY }), {}, rules)).toEqual(key(UUID));
    expect(find(JSON.stringify({ data: "text" }), {}, rules)).toEqual(NONE);
    expect(typed(FORM, `data=${encodeURIComponent(JSON_BODY)}`, rules)).toEqual(key(UUID));
  });
});

describe("a key in a form is found", () => {
  test.each<[string, Sent]>([
    ["as a field", `Idem=${UUID}&amount=5`],
    ["in bytes", bytes(`Idem=${UUID}&amount=5`)],
    ["under an escaped name", `%49dem=${UUID}`],
    ["behind a question mark, which URLSearchParams drops", `?Idem=${UUID}`],
    ["behind a byte order mark", `\uFEFFIdem=${UUID}`],
    ["in UTF-16", Buffer.from(`Idem=${UUID}`, "utf16le")],
    ["twice, where it is the same", `Idem=${UUID}&Idem=${UUID.toUpperCase()}`],
    ["in base64 that the event does not announce", bytes(`Idem=${UUID}`).toString("base64")],
  ])("%s", (_name, body) => {
    expect(typed(FORM, body)).toEqual(key(UUID));
    expect(typed("text/plain", body)).toEqual(key(UUID));
    expect(typed("application/json", body)).toEqual(key(UUID));
  });

  test("packed", () => {
    const body = gzipSync(`Idem=${UUID}`);
    expect(find(body, { "Content-Type": FORM, "Content-Encoding": "gzip" })).toEqual(key(UUID));
  });

  test.each(["meta[id]", "meta.id", "meta%5Bid%5D"])("at a nested pointer: %s", (name) => {
    const rules = { keyFrom: [{ pointer: "/meta/id" }] };
    expect(typed(FORM, `${name}=${UUID}&meta[x]=1`, rules)).toEqual(key(UUID));
  });

  test("and not in brackets that do not close", () => {
    const rules = { keyFrom: [{ pointer: "/meta/id" }] };
    expect(typed(FORM, `meta[idx=${UUID}&meta[id]x=${UUID}`, rules)).toEqual(NONE);
  });

  test("under a name with brackets, where the pointer has them", () => {
    const rules = { keyFrom: [{ pointer: "/meta[id]" }] };
    expect(typed(FORM, `meta[id]=${UUID}`, rules)).toEqual(key(UUID));
  });

  test.each(["Idem[]=a", "Idem[0]=a", "Idem[x]=a"])(
    "but a list or an object is no key: %s",
    (body) => {
      expect(typed(FORM, body)).toEqual(malformed("a list or has members"));
    },
  );

  test("and a form without it has none", () => {
    expect(typed(FORM, "amount=5&note=Idem&Idem.x=1&Idempotent=2")).toEqual(NONE);
    expect(typed(FORM, "optional=")).toEqual(NONE);
  });

  test("and neither packed bytes in base64 nor JSON5 are a form, under any media type", () => {
    const packed = brotliCompressSync(`${JSON_BODY} `).toString("base64");
    expect(packed).toMatch(/=$/);
    expect(typed(FORM, packed)).toEqual(malformed("neither a form nor JSON"));
    expect(typed(FORM, "{Idem:'a=b'}")).toEqual(malformed("neither a form nor JSON"));
  });

  test("in JSON that a client has sent as the name of a field", () => {
    expect(typed(FORM, `${encodeURIComponent(JSON_BODY)}=`)).toEqual(key(UUID));
    expect(typed(FORM, `${encodeURIComponent('{"a":1}')}=`)).toEqual(NONE);
  });
});

describe("a key in a multipart form", () => {
  const TYPE = "multipart/form-data; boundary=b";
  const multipart = (disposition: string, value = UUID, more = "") =>
    `--b\r\nContent-Disposition: form-data; ${disposition}${more}\r\n\r\n${value}\r\n--b--\r\n`;

  test.each<[string, Sent]>([
    ["as a field", multipart("name=Idem")],
    ["in bytes", bytes(multipart('name="Idem"'))],
  ])("is found %s", (_name, body) => {
    expect(typed(TYPE, body)).toEqual(key(UUID));
    // No header names the boundary.
    expect(typed("multipart/form-data", body)).toEqual(key(UUID));
    expect(typed("text/plain", body)).toEqual(key(UUID));
  });

  test("is found in a field that is JSON", () => {
    const rules = { keyFrom: [{ pointer: "/data/Idem" }] };
    expect(typed(TYPE, multipart("name=data", JSON_BODY), rules)).toEqual(key(UUID));
  });

  test("is missing where no field has its name", () => {
    expect(typed(TYPE, multipart("name=other"))).toEqual(NONE);
    expect(typed(TYPE, "--b--")).toEqual(NONE);
  });

  test("is refused as a file, and in an encoding of its own", () => {
    expect(typed(TYPE, multipart('name=Idem; filename="a"'))).toEqual(malformed("it is a file"));
    expect(
      typed(TYPE, multipart("name=Idem", UUID, "\r\nContent-Transfer-Encoding: base64")),
    ).toEqual(malformed("Content-Transfer-Encoding"));
  });

  test.each<[string, string, string]>([
    ["that parsers disagree about", TYPE, multipart("name=other").replaceAll("\r\n", "\n")],
    ["without its boundary in Content-Type", "multipart/form-data", multipart("name=other")],
    ["with a part that has no name", TYPE, multipart("x=1")],
    ["that is no form", "multipart/mixed; boundary=b", multipart("name=other")],
    ["with two boundaries in Content-Type", `${TYPE}; boundary=c`, multipart("name=other")],
  ])("is refused in one %s", (_name, type, body) => {
    expect(typed(type, body)).toEqual(malformed("it is not a multipart form"));
  });
});

describe("a body that may hold a key and cannot be read is refused:", () => {
  const mangled = gzipSync(JSON_BODY).toString("utf8");

  test.each<[string, Sent, Record<string, string>, string]>([
    ["no JSON", "{", {}, "it is not JSON"],
    ["JSON5", `{Idem:'${UUID}'}`, {}, "it is not JSON"],
    ["two values", `${JSON_BODY}\n${JSON_BODY}`, {}, "it is not JSON"],
    ["bytes that are no text", new Uint8Array([0xff, 0x7b, 0x7d]), {}, "it is not JSON"],
    [
      "CBOR",
      Buffer.from("a1644964656d6161", "hex"),
      { "Content-Type": "application/cbor" },
      "neither JSON nor",
    ],
    ["XML", `<Idem>${UUID}</Idem>`, { "Content-Type": "application/xml" }, "neither JSON nor"],
    ["YAML", `Idem: ${UUID}`, { "Content-Type": "text/plain" }, "neither JSON nor"],
    ["a text that is called a form", "hello", { "Content-Type": FORM }, "neither a form nor JSON"],
    [
      "bytes that are called a form",
      new Uint8Array([0x3d, 0xff]),
      { "Content-Type": FORM },
      "neither a form",
    ],
    ["controls that are called a form", "a=\0", { "Content-Type": FORM }, "neither a form"],
    [
      "an unknown coding",
      "…",
      { "Content-Encoding": "compress" },
      "text arrived in place of compressed bytes",
    ],
    [
      "an unknown coding of bytes",
      bytes("…"),
      { "Content-Encoding": "compress" },
      '"compress" is not supported',
    ],
    [
      "broken gzip",
      gzipSync(JSON_BODY).subarray(0, -3),
      { "Content-Encoding": "gzip" },
      "does not unpack",
    ],
    [
      "gzip that a gateway made text of",
      mangled,
      { "Content-Encoding": "gzip" },
      "text arrived in place of compressed bytes",
    ],
    [
      "gzip that a gateway made text of, without a header",
      mangled,
      { "Content-Type": FORM },
      "neither a form",
    ],
    ["brotli that no header announces", brotliCompressSync(JSON_BODY), {}, "it is not JSON"],
    ["a bomb", BOMB, { "Content-Encoding": "gzip" }, "more than 32 MB"],
    ["a bomb that is not announced", BOMB, {}, "it is not JSON"],
  ])("%s", (_name, body, headers, reason) => {
    expect(find(body, headers)).toEqual(malformed(`the body may hold it and cannot be read: `));
    expect(find(body, headers)).toEqual(malformed(reason));
    expect(find(body, headers)).toEqual(malformed("Send the body as JSON"));
  });

  test("but not where the key stands in a header only", () => {
    const rules = { keyFrom: [{ header: "Idempotency-Key" }] };
    expect(find("{", { "Idempotency-Key": "k" }, rules)).toEqual(key("k"));
  });

  test.each<[string, Sent, Record<string, string>]>([
    ["empty", "", {}],
    ["empty bytes", new Uint8Array(), { "Content-Encoding": "gzip" }],
    ["packed, and empty", gzipSync(""), { "Content-Encoding": "gzip" }],
    ["a mark alone", bytes("\uFEFF"), {}],
    ["blanks alone", " \r\n", { "Content-Type": "text/plain" }],
    ["null", "null", {}],
    ["JSON without the member", '{"a":1}', { "Content-Type": "text/plain" }],
    ["JSON with null in its place", '{"Idem":null}', {}],
    ["JSON in base64 without it", bytes('{"a":1}').toString("base64"), {}],
  ])("but a readable body without a key passes: %s", (_name, body, headers) => {
    expect(find(body, headers)).toEqual(NONE);
  });
});

describe("a body that may hold two keys is refused:", () => {
  const DIFFERS = "several keys there, or can be read in ways that give different keys";

  test.each<[string, Sent, string]>([
    ["a member twice", `{"Idem":"${UUID}","Idem":"${OTHER}"}`, "application/json"],
    [
      "a member twice, once escaped",
      `{"Idem":"${UUID}","\\u0049dem":"${OTHER}"}`,
      "application/json",
    ],
    [
      "a member twice in a JSON text",
      JSON.stringify(`{"Idem":"${UUID}","Idem":"${OTHER}"}`),
      "application/json",
    ],
    ["a field twice", `Idem=${UUID}&Idem=${OTHER}`, FORM],
    ["a field twice, once escaped", `Idem=${UUID}&Idem.x=&%49dem=${OTHER}`, FORM],
    ["JSON that is a form as well", `{"Idem":"${UUID}","a":"&Idem=${OTHER}&"}`, FORM],
    [
      "JSON of no type that is a form as well",
      `{"Idem":"${UUID}","a":"&Idem=${OTHER}&"}`,
      "text/plain",
    ],
    [
      "another key in the charset than in UTF-8",
      bytes('{"Idem":"é"}'),
      "application/json; charset=iso-8859-1",
    ],
  ])("%s", (_name, body, type) => {
    expect(typed(type, body, { keyFormat: () => undefined })).toEqual(malformed(DIFFERS));
  });

  test("the member above it twice, with the key in the first only", () => {
    const rules = { keyFrom: [{ pointer: "/a/b" }] };
    expect(find('{"a":{"b":"k"},"a":{}}', {}, rules)).toEqual(key("k"));
    expect(find('{"a":{"b":"k"},"a":{"b":"l"}}', {}, rules)).toEqual(malformed(DIFFERS));
    expect(find('{"a":{"b":"k"},"a":{"b":"k"}}', {}, rules)).toEqual(key("k"));
  });

  test("a name that may occur twice, where the nesting is too deep to check", () => {
    const deep = `${"[".repeat(600)}${"]".repeat(600)}`;
    const words = "its name may occur more than once, and the body is nested too deeply to check";
    expect(find(`{"Idem":"k","a":"Idem","b":${deep}}`)).toEqual(malformed(words));
    expect(find(`{"Idem":"k","b":${deep}}`)).toEqual(key("k"));
  });

  test("but declared JSON is no form", () => {
    const body = `{"Idem":"${UUID}","callback":"https://a.example/?x=1&Idem=${OTHER}&y"}`;
    expect(typed("application/json", body)).toEqual(key(UUID));
  });

  test("a member twice, under a name that JSON can write in several ways", () => {
    const rules = { keyFrom: [{ pointer: "/a~1b" }] };
    expect(find('{"a/b":"k","a\\/b":"l"}', {}, rules)).toEqual(malformed(DIFFERS));
    expect(find('{"a/b":"k","a\\/b":"k"}', {}, rules)).toEqual(key("k"));
  });

  test("and other members may occur twice", () => {
    expect(find(`{"Idem":"${UUID}","a":1,"a":2,"b":"Idem"}`)).toEqual(key(UUID));
  });
});

describe("a key with characters that could not be decoded", () => {
  test.each<[string, Sent, string]>([
    [
      "JSON",
      Buffer.concat([bytes('{"Idem":"a'), Buffer.from([0xff]), bytes('"}')]),
      "application/json",
    ],
    ["a form", "Idem=%FF", FORM],
  ])("is refused in %s, under any format: all such keys look the same", (_name, body, type) => {
    const rules = { keyFormat: () => undefined };
    expect(typed(type, body, rules)).toEqual(malformed("could not be decoded"));
  });
});

describe("a key of several members", () => {
  const rules = { keyFrom: [{ pointers: ["/date", "/order/number"] }] };
  const both = (date: unknown, number: unknown) => JSON.stringify({ date, order: { number } });

  test("is the JSON text of the list of their values", () => {
    expect(find(both("2026-11-27", 4711), {}, rules)).toEqual(key('["2026-11-27","4711"]'));
    expect(typed(FORM, "date=d&order[number]=n", rules)).toEqual(key('["d","n"]'));
  });

  test("is a different key for every split of the values", () => {
    expect(find(both("a", "b,c"), {}, rules)).not.toEqual(find(both("a,b", "c"), {}, rules));
    expect(find(both('a","b', "c"), {}, rules)).not.toEqual(find(both("a", 'b","c'), {}, rules));
  });

  test("is missing if all members are, and refused if some are, with their names", () => {
    expect(find("{}", {}, rules)).toEqual(NONE);
    expect(find(both(null, null), {}, rules)).toEqual(NONE);
    expect(find(both("a", null), {}, rules)).toEqual(malformed("and /order/number is missing"));
    expect(find('{"order":{"number":1}}', {}, rules)).toEqual(malformed("and /date is missing"));
  });

  test("has parts in the profile's format, which a function judges as a whole", () => {
    const uuids = { ...rules, keyFormat: "uuid" } as const;
    expect(find(both(UUID.toUpperCase(), UUID), {}, uuids)).toEqual(key(`["${UUID}","${UUID}"]`));
    expect(find(both(UUID, "a"), {}, uuids)).toEqual(malformed("is not a UUID"));
    expect(find(both("a b", "c"), {}, rules)).toEqual(malformed("other than visible ASCII"));
    const keyFormat = (whole: string) => (whole === '["a","b"]' ? undefined : `not ${whole}`);
    expect(find(both("a", "b"), {}, { ...rules, keyFormat })).toEqual(key('["a","b"]'));
    expect(find(both("a", "c"), {}, { ...rules, keyFormat })).toEqual(malformed('not ["a","c"]'));
  });

  test("has no part that is empty, or no text", () => {
    const keyFormat = () => undefined;
    expect(find(both("", "a"), {}, { ...rules, keyFormat })).toEqual(malformed("/date is empty"));
    expect(find(both("a", true), {}, rules)).toEqual(
      malformed("its part /order/number is not valid: it is a"),
    );
  });

  test("is refused with a body that cannot be read", () => {
    expect(find("{", {}, rules)).toEqual(malformed("cannot be read"));
  });
});

describe("where the key stands in a header or in the body", () => {
  const rules = { keyFrom: [{ header: "Idempotency-Key" }, { pointer: "/idempotencyKey" }] };
  const withHeader = (body: Sent, headers: Record<string, string> = {}) =>
    find(body, { "Idempotency-Key": "k", "Content-Type": "text/plain", ...headers }, rules);

  test.each<Sent>(["hello", "50% off", "a=b", "C:\\dir", bytes("Zoë"), "", "{"])(
    "a text that does not name the member may come with the header: %p",
    (body) => {
      expect(withHeader(body)).toEqual(key("k"));
    },
  );

  test.each<[string, Sent, Record<string, string>?]>([
    ["names the member", "{idempotencyKey: 'x'}"],
    ["names it in another case", "IDEMPOTENCYKEY: x"],
    ["may name it in escapes", "{'\\u0069dempotencyKey': 'x'}"],
    ["may name it in escapes of a form", "%69dempotencyKey"],
    ["may name it in escapes of XML", "<a &#105;dempotencyKey='x'>"],
    ["is no text", new Uint8Array([1, 2, 0xff])],
    ["is a text in two ways", bytes("é"), { "Content-Type": "text/plain; charset=iso-8859-1" }],
    ["does not unpack", bytes("hello"), { "Content-Encoding": "gzip" }],
  ])("a body that %s may not: it could hold another key", (_name, body, headers = {}) => {
    expect(withHeader(body, headers)).toEqual(malformed("cannot be read"));
  });

  test("an unreadable body may not come without the header", () => {
    expect(typed("text/plain", "hello", rules)).toEqual(malformed("cannot be read"));
  });
});

test("a key over the absolute maximum is refused before its format is checked", () => {
  const keyFormat = () => {
    throw new Error("asked");
  };
  const long = "k".repeat(5_000);
  expect(find(JSON.stringify({ Idem: long }), {}, { keyFormat })).toEqual(
    malformed("it has 5000 characters; the maximum is 4096"),
  );
  const inHeader = { keyFormat, keyFrom: [{ header: "Idempotency-Key" }] };
  expect(find("{}", { "Idempotency-Key": `"${long}"` }, inHeader)).toEqual(
    malformed("it has 5002 characters; the maximum is 4096"),
  );
});
