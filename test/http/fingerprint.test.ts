import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { readBodyHeaders } from "../../lib/http/body.ts";
import {
  type CountedMembers,
  type FingerprintParts,
  fingerprint,
} from "../../lib/http/fingerprint.ts";
import { readRequest } from "../../lib/http/request.ts";
import { ENCODERS } from "../support/encodings.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
} from "../support/events.ts";

const ALL: FingerprintParts = { method: true, path: true, query: true, body: true };
const NONE: FingerprintParts = { method: false, path: false, query: false, body: false };

const REQUEST: RequestParts = {
  method: "POST",
  path: "/transfers",
  query: "currency=EUR",
  body: '{"amountMinor":2500}',
};

const FORMATS = [
  ["REST API", restApiEvent],
  ["HTTP API", httpApiEvent],
  ["function URL", functionUrlEvent],
  ["load balancer", albEvent],
  ["load balancer with multi-value headers", (parts?: RequestParts) => albEvent(parts, true)],
] as const;

/** The fingerprint of an event. */
function readFingerprint(event: unknown, counted = ALL, secret?: string): string {
  const request = readRequest(event);
  return fingerprint(request, readBodyHeaders(request), counted, secret);
}

const of = (parts: RequestParts, counted = ALL, secret?: string) =>
  readFingerprint(httpApiEvent({ ...REQUEST, ...parts }), counted, secret);
const typed = (contentType: string, body: string | Uint8Array) =>
  of({ headers: { "Content-Type": contentType }, body });
const utf8 = (text: string) => new TextEncoder().encode(text);

const CHANGES: Record<keyof FingerprintParts, RequestParts> = {
  method: { method: "PUT" },
  path: { path: "/refunds" },
  query: { query: "currency=USD" },
  body: { body: '{"amountMinor":2501}' },
};
const EACH = Object.entries(CHANGES) as [keyof FingerprintParts, RequestParts][];

describe.each(FORMATS)("of the event of a %s", (_name, createEvent) => {
  const seen = (parts: RequestParts, counted = ALL) =>
    readFingerprint(createEvent({ ...REQUEST, ...parts }), counted);

  test("the same request has the same fingerprint", () => {
    expect(seen({})).toBe(seen({}));
  });

  test.each(EACH)("another %s makes another request, where it counts", (part, change) => {
    expect(seen(change)).not.toBe(seen({}));
    expect(seen(change, { ...NONE, [part]: true })).not.toBe(seen({}, { ...NONE, [part]: true }));
    expect(seen(change, { ...ALL, [part]: false })).toBe(seen({}, { ...ALL, [part]: false }));
  });

  test("headers never count", () => {
    const headers = {
      "User-Agent": "retrying-client/2",
      Authorization: "Bearer rotated",
      "X-Amzn-Trace-Id": "Root=1-2",
      "Accept-Encoding": "br",
    };
    expect(seen({ headers })).toBe(seen({}));
    expect(seen({ key: "k-1" })).toBe(seen({ key: "k-2" }));
  });

  test("a base64 body is the same as the text", () => {
    const body = '{"to":"Zoë","amountMinor":1}';
    expect(seen({ body: utf8(body) })).toBe(seen({ body }));
  });
});

/** Two lists of two objects, in the notation of PHP, Rails and Stripe's clients. */
const INTERLEAVED = "items[][id]=1&items[][n]=2&items[][id]=3&items[][n]=4";
const GROUPED = "items[][id]=1&items[][id]=3&items[][n]=2&items[][n]=4";

describe("the query", () => {
  test.each([
    ["in another order", "a=1&b=2", "b=2&a=1"],
    ["encoded otherwise", "a=%41%20b", "a=A+b"],
  ])("is the same %s", (_how, one, other) => {
    expect(of({ query: one })).toBe(of({ query: other }));
  });

  test.each([
    ["a value moved to another name", "a=1&b=2", "a=2&b=1"],
    ["a value repeated", "a=1", "a=1&a=1"],
    ["an empty value and none", "a=", ""],
    ["an escaped separator", "a=1%26b=2", "a=1&b=2"],
    ["an escaped equals sign", "a%3D1", "a=1"],
    ["bytes that are not UTF-8", "a=%FF", "a=%FE"],
    ["an escape that is none", "a=%zz", "a=%25zz"],
    ["a list of objects in another order", INTERLEAVED, GROUPED],
  ])("differs: %s", (_how, one, other) => {
    expect(of({ query: one })).not.toBe(of({ query: other }));
    expect(of({ query: one })).toBe(of({ query: one }));
  });
});

describe("a JSON body", () => {
  const [one, reordered] = ['{"a":1,"b":{"c":2,"d":3}}', ' { "b": {"d":3,"c":2}, "a": 1 } '];

  test.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/vnd.dwolla.v1.hal+json",
    "application/hal+json; profile=x",
  ])("of type %s is the same with its members in another order", (contentType) => {
    expect(typed(contentType, one)).toBe(typed(contentType, reordered));
    expect(typed(contentType, utf8(reordered))).toBe(typed(contentType, one));
  });

  test.each(["text/plain", "application/jsonx", "application/x-json-seq", "", "json"])(
    "of type %p is bytes, because it does not say that it is JSON",
    (contentType) => {
      expect(typed(contentType, one)).not.toBe(typed(contentType, reordered));
      expect(typed(contentType, one)).toBe(typed(contentType, one));
    },
  );

  test.each([
    ["different beyond 2^53", '{"a":9007199254740993}', '{"a":9007199254740992}'],
    ["with one member twice", '{"a":1,"a":2}', '{"a":2,"a":2}'],
    ["with __proto__", '{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ["that is not JSON after all", '{"a":1', '{"a": 1'],
    ["nested 10,000 deep", nested("1"), nested("2")],
    ["that is empty", "", "null"],
  ])("%s still tells requests apart", (_name, first, second) => {
    expect(of({ body: first })).not.toBe(of({ body: second }));
    expect(of({ body: first })).toBe(of({ body: first }));
  });

  test("that is not UTF-8 is bytes, not replacement characters", () => {
    const [ff, fe] = [new Uint8Array([0x22, 0xff, 0x22]), new Uint8Array([0x22, 0xfe, 0x22])];
    expect(of({ body: ff })).not.toBe(of({ body: fe }));
    expect(of({ body: ff })).not.toBe(of({ body: utf8('"\uFFFD"') }));
    expect(of({ body: ff })).toBe(of({ body: ff }));
  });
});

describe("a form", () => {
  const FORM = "application/x-www-form-urlencoded";

  test.each([
    ["with its pairs in another order", "a=1&b=2", "b=2&a=1"],
    ["encoded otherwise", "name=Zo%C3%AB+X", "name=Zo%c3%ab%20X"],
    ["with another list between its pairs", "a[]=1&b=2&a[]=3", "b=2&a[]=1&a[]=3"],
  ])("is the same %s", (_how, one, other) => {
    expect(typed(FORM, one)).toBe(typed(FORM, other));
    expect(typed(`${FORM}; charset=utf-8`, utf8(one))).toBe(typed(FORM, other));
  });

  test.each([
    ["with another value", "a=1&b=2", "a=1&b=3"],
    ["with values exchanged", "a=1&b=2", "a=2&b=1"],
    ["with a pair twice", "a=1", "a=1&a=1"],
    ["with other bytes that are not UTF-8", "a=%FF", "a=%FE"],
    ["with an escaped separator", "a=1%26b%3D2", "a=1&b=2"],
    ["with an escape that is none", "a=%zz", "a=%25zz"],
    ["with a list of objects in another order", INTERLEAVED, GROUPED],
    ["with such a list under escaped names", INTERLEAVED.replaceAll("[", "%5B"), GROUPED],
    ["that holds controls, in another order", "a=1&b=\0", "b=\0&a=1"],
  ])("is another one %s", (_how, one, other) => {
    expect(typed(FORM, one)).not.toBe(typed(FORM, other));
  });
});

describe("any other body", () => {
  test("is compared byte by byte", () => {
    const type = "application/octet-stream";
    const [one, other] = [new Uint8Array([0, 1, 255]), new Uint8Array([0, 1, 254])];
    expect(typed(type, one)).toBe(typed(type, one));
    expect(typed(type, one)).not.toBe(typed(type, other));
    expect(typed("text/plain", "b=2&a=1")).not.toBe(typed("text/plain", "a=1&b=2"));
    expect(typed("text/plain", "a ")).not.toBe(typed("text/plain", "a"));
  });

  test("is another one under another media type, charset or other parameter", () => {
    const bytes = new Uint8Array([0xc3, 0xa9]);
    const types = [
      "text/plain",
      "text/plain; format=flowed",
      "text/csv",
      "text/plain; charset=utf-8",
      "text/plain; charset=latin1",
    ];
    expect(new Set(types.map((type) => typed(type, bytes))).size).toBe(types.length);
    expect(typed("Text/Plain;charset=UTF-8", bytes)).toBe(
      typed("text/plain; charset=utf-8", bytes),
    );
  });

  test("that is empty is the same under any", () => {
    expect(typed("text/plain", "")).toBe(typed("application/json", new Uint8Array()));
  });
});

describe("compression does not count:", () => {
  const packed = (body: Uint8Array, coding: string, contentType = "application/json") =>
    of({ body, headers: { "Content-Type": contentType, "Content-Encoding": coding } });
  const otherTime = (gzip: Uint8Array) => Buffer.from(gzip).fill(7, 4, 8);
  const BODY = '{"amountMinor":2500}';

  test.each(["application/json", "application/x-www-form-urlencoded", "text/plain", "image/png"])(
    "of type %s",
    (type) => {
      const plain = typed(type, BODY);
      const gzip = gzipSync(BODY);
      expect(packed(gzip, "gzip", type)).toBe(plain);
      expect(packed(otherTime(gzip), "GZIP", type)).toBe(plain);
      expect(packed(brotliCompressSync(BODY), "br", type)).toBe(plain);
      expect(packed(deflateSync(brotliCompressSync(BODY)), "br, deflate", type)).toBe(plain);
      expect(packed(gzipSync("{}"), "gzip", type)).not.toBe(plain);
    },
  );

  test("also in JSON that no header declares packed, but a file in gzip is a file", () => {
    const gzip = gzipSync(BODY);
    expect(typed("application/json", otherTime(gzip))).toBe(typed("application/json", BODY));
    expect(typed("application/gzip", otherTime(gzip))).not.toBe(typed("application/gzip", gzip));
  });

  test("but a body that does not unpack is compared as it arrived, under its codings", () => {
    const broken = gzipSync(BODY).subarray(0, -2);
    expect(packed(broken, "gzip")).toBe(packed(broken, "gzip"));
    expect(packed(broken, "gzip")).not.toBe(packed(otherTime(broken), "gzip"));
    expect(packed(broken, "gzip")).not.toBe(packed(broken, "br"));
    expect(packed(broken, "gzip")).not.toBe(packed(broken, "gzip", "text/plain"));
  });
});

describe("the encoding of a text does not count:", () => {
  test.each(Object.keys(ENCODERS))("%s", (name) => {
    const encode = (text: string) => ENCODERS[name]?.(text) as Uint8Array;
    const json = '{"to":"Zoë 😀"}';
    const form = "to=Zo%C3%AB&b=1";
    for (const mark of ["", "\uFEFF"]) {
      for (const charset of ["", `; charset=${name}`]) {
        const type = `application/json${charset}`;
        expect(typed(type, encode(mark + json))).toBe(typed("application/json", json));
        const formType = `application/x-www-form-urlencoded${charset}`;
        expect(typed(formType, encode(mark + form))).toBe(
          typed("application/x-www-form-urlencoded", form),
        );
      }
    }
  });

  test("a byte order mark is no part of JSON", () => {
    expect(of({ body: '\uFEFF{"a":1}' })).toBe(of({ body: '{"a":1}' }));
  });

  test("another charset is read too, if the bytes are not UTF-8", () => {
    expect(typed("application/json; charset=iso-8859-1", Buffer.from('"é"', "latin1"))).toBe(
      typed("application/json", '"é"'),
    );
  });
});

describe("the same characters in another charset make another request, if the characters are in doubt:", () => {
  const FORM = "application/x-www-form-urlencoded";

  test.each<[string, string, string | Uint8Array]>([
    ["bytes of JSON that are UTF-8 as well", "application/json", utf8('"é"')],
    ["JSON that a gateway has made text of", "application/json", '"é"'],
    ["escapes of a form", FORM, "a=%C3%A9"],
    ["escapes of a form that are no UTF-8", FORM, "a=%E9"],
    ["bytes of a form", FORM, utf8("a=é")],
    ["any text", "text/plain", "a"],
  ])("%s", (_name, type, body) => {
    const charsets = ["utf-8", "iso-8859-1", "koi8-r", "x-unknown"];
    const all = charsets.map((charset) => typed(`${type}; charset=${charset}`, body));
    expect(new Set(all).size).toBe(charsets.length);
    expect(typed(`${type}; charset=KOI8-R`, body)).toBe(all[2]);
  });

  test("because the declared charset and UTF-8 give different characters", () => {
    expect(typed("application/json; charset=iso-8859-1", utf8('"é"'))).not.toBe(
      typed("application/json", '"Ã©"'),
    );
  });

  test("in an unknown charset they always are", () => {
    const unknown = (body: string) => typed("application/json; charset=x-unknown", body);
    expect(unknown("1")).not.toBe(typed("application/json", "1"));
    expect(unknown("1")).toBe(unknown("1"));
  });

  test("but ASCII in a known charset is not in doubt", () => {
    expect(typed("application/json; charset=iso-8859-1", "[1, 2]")).toBe(of({ body: "[1,2]" }));
    expect(typed(`${FORM}; charset=iso-8859-1`, "b=1&a=2")).toBe(typed(FORM, "a=2&b=1"));
  });
});

describe("a multipart body", () => {
  const part = (name: string, content: string, more = "") =>
    `Content-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}`;
  const multipart = (parts: readonly string[], boundary = "b", around = ["", "\r\n"]) =>
    typed(
      `multipart/form-data; boundary=${boundary}`,
      `${around[0]}${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join("")}--${boundary}--${around[1]}`,
    );
  const PARTS = [part("to", "a"), part("file", "c", '; filename="f"\r\nContent-Type: text/plain')];

  test("is the same with another boundary, and with text around it", () => {
    expect(multipart(PARTS, "----WebKitFormBoundary7MA4YWxkTrZu0gW")).toBe(multipart(PARTS));
    expect(multipart(PARTS, "c", ["preamble\r\n", ""])).toBe(multipart(PARTS));
  });

  test("is another one under another subtype", () => {
    const of = (subtype: string) =>
      typed(`multipart/${subtype}; boundary=b`, "--b\r\n\r\nc\r\n--b--");
    expect(of("mixed")).not.toBe(of("form-data"));
    expect(of("MIXED")).toBe(of("mixed"));
  });

  test("is the same with the headers of a part in another order", () => {
    const reordered =
      "content-type: text/plain\r\nContent-Disposition: form-data; filename=f; name=file\r\n\r\nc";
    expect(multipart([part("to", "a"), reordered])).toBe(multipart(PARTS));
  });

  test.each<[string, readonly string[]]>([
    ["content", [part("to", "b"), PARTS[1] as string]],
    ["name", [part("for", "a"), PARTS[1] as string]],
    ["order", PARTS.toReversed()],
    ["number of parts", [...PARTS, PARTS[1] as string]],
    [
      "name of a file",
      [part("to", "a"), part("file", "c", '; filename="g"\r\nContent-Type: text/plain')],
    ],
    [
      "type of a part",
      [part("to", "a"), part("file", "c", '; filename="f"\r\nContent-Type: text/csv')],
    ],
    [
      "header of a part",
      [part("to", "a", "\r\nContent-Transfer-Encoding: base64"), PARTS[1] as string],
    ],
  ])("is another one with another %s", (_name, parts) => {
    expect(multipart(parts)).not.toBe(multipart(PARTS));
  });

  test("that parsers read in several ways is compared by its bytes and its boundary", () => {
    const loose = (boundary: string, declared = boundary) =>
      typed(`multipart/form-data; boundary=${declared}`, `--${boundary}\n\nc\n--${boundary}--`);
    expect(loose("b")).toBe(loose("b"));
    expect(loose("b")).not.toBe(loose("c"));
    expect(loose("b", "b")).not.toBe(loose("b", "c"));
    expect(loose("b", "b; a; x=1; y=1")).not.toBe(loose("b", "b; a; x=1; y=2"));
  });

  test("counts by its fields, where some members count", () => {
    const counted = (content: string, members: CountedMembers) =>
      of(
        {
          headers: { "Content-Type": "multipart/form-data; boundary=b" },
          body: `--b\r\n${part("sent", content)}\r\n--b\r\n${part("to[id]", "a")}\r\n--b--`,
        },
        { ...ALL, body: members },
      );
    expect(counted("1", { exclude: ["/sent"] })).toBe(counted("2", { exclude: ["/sent"] }));
    expect(counted("1", { include: ["/to"] })).toBe(counted("2", { include: ["/to"] }));
    expect(counted("1", { include: ["/sent"] })).not.toBe(counted("2", { include: ["/sent"] }));
    expect(counted("1", { include: ["/x"] })).not.toBe(counted("2", { include: ["/x"] }));
  });
});

test("parts are kept apart: a text that moves from one part to the next makes another request", () => {
  const ids = [
    of({ path: "/a", query: "b=1", body: "" }),
    of({ path: "/ab=1", query: "", body: "" }),
    of({ path: "/a", query: "", body: "b=1" }),
    of({ path: '/a[["b","1"]]', query: "", body: "" }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("a secret makes another fingerprint, and each secret its own", () => {
  const all = [of({}), of({}, ALL, "secret"), of({}, ALL, "other secret")];
  expect(new Set(all).size).toBe(3);
  expect(of({}, ALL, "secret")).toBe(all[1]);
});

/*
 * Records keep fingerprints for a day, or for ever, so another release of this library must compute
 * equal ones. A change of a fingerprint turns every repeat during the deployment into a mismatch.
 */
describe("a fingerprint is the same in every release:", () => {
  const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
  const BYTES = { "Content-Type": "text/plain" };
  const as = (parts: RequestParts, counted = ALL, secret?: string) => ({ parts, counted, secret });

  test.each([
    ["all parts", "BGyNbC3e-T66_E-J7Z1b3c6QwQftME-YMp1u4OLDOxQ", as({})],
    [
      "a method in lower case",
      "BGyNbC3e-T66_E-J7Z1b3c6QwQftME-YMp1u4OLDOxQ",
      as({ method: "post" }),
    ],
    ["no part", "k1rmAqhoAIEITcKmLqxz0qhaxN4smw9SbHfvMNA8JmI", as({}, NONE)],
    [
      "a form",
      "eMQpXpgvhTp09T_mzAP1vVF3TCtBvRzonhJrzxb43zY",
      as({ headers: FORM, body: "b=2&a=1" }),
    ],
    [
      "a form in vain",
      "QHkX3dSiNLj7mlGHs8j41WI4mE_11-NPWc0X0oOPWEk",
      as({ headers: FORM, body: "b=%FF" }),
    ],
    ["bytes", "nf07Ek01Ajg1xxnfJwKdgw0XcPBwkE2wC-DfDsswf4g", as({ headers: BYTES, body: "b" })],
    ["no JSON after all", "IEZnjRnxFO54PG1m5Fm8NEXv2vP1brOnuIphL0kiWn4", as({ body: "{" })],
    ["with a secret", "DQaQs_iAfg-ZPUovsj2KMHopEVwjM-FKVpcLGQZ-STw", as({}, ALL, "secret")],
  ])("%s", (_name, expected, { parts, counted, secret }) => {
    expect(of(parts, counted, secret)).toBe(expected);
  });
});

test("it does not show the body", () => {
  expect(of({ body: '"4242424242424242"' })).toMatch(/^[\w-]{43}$/);
});

function nested(innermost: string): string {
  return `${"[".repeat(10_000)}${innermost}${"]".repeat(10_000)}`;
}

test("a body without a content type is compared by its bytes", () => {
  const of = (body: string) => readFingerprint({ httpMethod: "POST", path: "/", body });
  expect(of('{"a":1}')).not.toBe(of('{"a": 1}'));
  expect(of('{"a":1}')).toBe(of('{"a":1}'));
});

describe("of a body of which some members count", () => {
  const json = (body: string, members: CountedMembers) => of({ body }, { ...ALL, body: members });
  const form = (body: string, members: true | CountedMembers) =>
    of(
      { body, headers: { "Content-Type": "application/x-www-form-urlencoded" } },
      { ...ALL, body: members },
    );

  test.each<[CountedMembers, string, string]>([
    [{ exclude: ["/sentAt"] }, '{"a":1,"sentAt":1}', '{"sentAt":2,"a":1}'],
    [{ exclude: ["/sentAt"] }, '{"a":1}', '{"a":1,"sentAt":{"b":2}}'],
    [{ exclude: ["/meta/sentAt"] }, '{"meta":{"sentAt":1,"x":1}}', '{"meta":{"sentAt":2,"x":1}}'],
    [{ exclude: ["/items/0/no"] }, '{"items":[{"no":1}]}', '{"items":[{"no":2}]}'],
    [{ exclude: ["/a~1b~0c"] }, '{"a/b~c":1}', '{"a/b~c":2}'],
    [{ include: ["/amount"] }, '{"amount":1,"note":"x"}', '{"amount":1,"note":"y"}'],
    [{ include: ["/amount/value"] }, '{"amount":{"value":1,"x":1}}', '{"amount":{"value":1}}'],
    [{ include: ["/amount"] }, '{"amount":{"value":1,"x":1}}', '{"amount":{"x":1,"value":1}}'],
    [{ include: ["/items/0"] }, '{"items":[1,{"a":2}]}', '{"items":[1,3]}'],
    [{ include: ["/items/1/no"] }, '{"items":[5,{"no":1,"a":1}]}', '{"items":[6,{"no":1}]}'],
    [{ include: ["/items/no"] }, '{"items":[{"no":1}],"a":1}', '{"items":[{"no":1}],"a":2}'],
    [{ include: ["/a", "/b"] }, '{"a":1,"c":1}', '{"a":1,"c":2}'],
    [{ include: ["/a"] }, '{"\\u0061":null,"c":1}', '{"a":null,"c":2}'],
    [{ exclude: ["/items/0"] }, '{"items":[1,2]}', '{"items":[3,2]}'],
    [{ exclude: ["/0/no"] }, '[{"no":1}]', '[{"no":2}]'],
    [{ exclude: ["/items/0/a", "/items/x"] }, '{"items":[{"a":1}]}', '{"items":[{"a":2}]}'],
    [{ exclude: ["/__proto__"] }, '{"__proto__":1}', '{"__proto__":2}'],
  ])("%p: members that do not count may differ", (members, one, other) => {
    expect(json(one, members)).toBe(json(other, members));
  });

  test.each<[CountedMembers, string, string]>([
    [{ exclude: ["/sentAt"] }, '{"a":1,"sentAt":1}', '{"a":2,"sentAt":1}'],
    [{ exclude: ["/sentAt"] }, '{"b":{"sentAt":1}}', '{"b":{"sentAt":2}}'],
    [{ exclude: ["/a"] }, '{"ab":1}', '{"ab":2}'],
    [{ include: ["/amount"] }, '{"amount":1,"note":"x"}', '{"amount":2,"note":"x"}'],
    [{ include: ["/amount"] }, '{"amount":{"x":1}}', '{"amount":{"x":2}}'],
    [{ include: ["/amount"] }, "no JSON 1", "no JSON 2"],
    [{ include: ["/amount/value"] }, '{"amount":{"value":1}}', '{"amount":{"value":2}}'],
    [{ include: ["/to", "/amount"] }, '{"to":"a","amount":1}', '{"to":"b","amount":1}'],
    [{ include: ["/amount"] }, '[{"amount":1}]', '[{"amount":2}]'],
    [{ include: ["/0/amount"] }, '[{"amount":1,"x":1}]', '[{"amount":1,"x":2}]'],
    [{ include: ["/amount"] }, '"one"', '"two"'],
    [{ include: ["/amount"] }, '{"value":1}', '{"value":2}'],
    [{ include: ["/amount"] }, '{"items":[1]}', '{"items":[2]}'],
    [{ include: ["/amount/value"] }, '{"amount":5}', '{"amount":6}'],
    [{ include: ["/amount/value"] }, '{"amount":{"x":1}}', '{"amount":{"x":2}}'],
    [{ include: ["/items/amount"] }, '{"items":[{"amount":1}]}', '{"items":[{"amount":2}]}'],
    [{ include: ["/items/amount"] }, '{"items":[{"x":1}]}', '{"items":[{"x":2}]}'],
    [{ include: ["/items/amount"] }, '{"items":[],"x":1}', '{"items":[],"x":2}'],
    [{ include: ["/items/01"] }, '{"items":[1,2]}', '{"items":[1,3]}'],
    [{ include: ["/items/0"] }, '{"items":[1,2]}', '{"items":[1,2,3]}'],
    [{ include: ["/a"] }, '{"a":1,"a":2}', '{"a":2,"a":2}'],
    [{ exclude: ["/items/no"] }, '{"items":[{"no":1}]}', '{"items":[{"no":2}]}'],
    [{ exclude: ["/items/0"] }, '{"items":[1,2]}', '{"items":[2]}'],
    [{ exclude: ["/items/0"] }, '{"items":[1]}', '{"items":[]}'],
  ])("%p: a member that counts makes another request", (members, one, other) => {
    expect(json(one, members)).not.toBe(json(other, members));
  });

  test("the fields of a form are its members", () => {
    expect(form("a=1&sent=1", { exclude: ["/sent"] })).toBe(
      form("sent=2&a=1", { exclude: ["/sent"] }),
    );
    expect(form("a=1&sent=1", { include: ["/a"] })).not.toBe(form("a=2", { include: ["/a"] }));
  });

  test("fields of a form in brackets are members of members", () => {
    const nested: CountedMembers = { exclude: ["/meta/sent"] };
    expect(form("meta[sent]=1&meta[a]=1", nested)).toBe(form("meta[sent]=2&meta[a]=1", nested));
    expect(form("meta[sent]=1&meta[a]=1", nested)).not.toBe(form("meta[sent]=1&meta[a]=2", nested));
    const named: CountedMembers = { exclude: ["/meta[sent]"] };
    expect(form("meta[sent]=1&a=1", named)).toBe(form("meta[sent]=2&a=1", named));
    const whole: CountedMembers = { include: ["/items"] };
    expect(form("items[][id]=1&a=1", whole)).toBe(form("items[][id]=1&a=2", whole));
    expect(form("items[][id]=1", whole)).not.toBe(form("items[][id]=2", whole));
  });

  test("a list in a form counts whole where the pointer leads through it by a name", () => {
    const some: CountedMembers = { include: ["/items/id"] };
    expect(form("items[][id]=1&items[][n]=1", some)).not.toBe(
      form("items[][id]=1&items[][n]=2", some),
    );
    expect(form("items[0][n]=1&a=1", some)).not.toBe(form("items[0][n]=2&a=1", some));
    expect(form("items[id]=1&items[n]=1", some)).toBe(form("items[id]=1&items[n]=2", some));
    const two: CountedMembers = { include: ["/items/id", "/a"] };
    expect(form("items[][n]=1&a=1", two)).not.toBe(form("items[][n]=2&a=1", two));
    expect(form("items[0][n]=1&a=1", two)).not.toBe(form("items[0][n]=2&a=1", two));
    expect(form("0=1&a=1", two)).toBe(form("0=2&a=1", two));
  });

  test("a list without numbers counts whole if the pointer leads through it by a number", () => {
    const some: CountedMembers = { include: ["/items/0/id", "/a"] };
    expect(form("items[][id]=1&a=1", some)).not.toBe(form("items[][id]=2&a=1", some));
    expect(form("items[].id=1&a=1", some)).not.toBe(form("items[].id=2&a=1", some));
    expect(form("items[1][id]=1&a=1", some)).toBe(form("items[1][id]=2&a=1", some));
  });

  test("a field with dots counts where either way to read its name is included", () => {
    const some: CountedMembers = { include: ["/meta/id", "/a"] };
    expect(form("meta.id=1&a=1", some)).not.toBe(form("meta.id=2&a=1", some));
    expect(form("meta[id].x=1&a=1", some)).not.toBe(form("meta[id].x=2&a=1", some));
    expect(form("meta.x=1&a=1", some)).toBe(form("meta.x=2&a=1", some));
    const named: CountedMembers = { include: ["/meta.id", "/a"] };
    expect(form("meta.id=1&a=1", named)).not.toBe(form("meta.id=2&a=1", named));
  });

  test("a field with dots is excluded by its whole name only", () => {
    const dotted = (members: CountedMembers) => form("meta.id=1&a=1", members);
    const changed = (members: CountedMembers) => form("meta.id=2&a=1", members);
    expect(dotted({ exclude: ["/meta/id"] })).not.toBe(changed({ exclude: ["/meta/id"] }));
    expect(dotted({ exclude: ["/meta.id"] })).toBe(changed({ exclude: ["/meta.id"] }));
  });

  test("fields with dots keep their order, like fields with brackets", () => {
    expect(form("a.b=1&a[b]=2", true)).not.toBe(form("a[b]=2&a.b=1", true));
    expect(form("items.id=1&items.n=2&items.id=3", true)).not.toBe(
      form("items.id=1&items.id=3&items.n=2", true),
    );
    expect(form("a.b=1&c=2", true)).toBe(form("c=2&a.b=1", true));
  });

  test("an element of a list in a form is identified by its number", () => {
    const some: CountedMembers = { exclude: ["/items/0/id", "/items/x"] };
    expect(form("items[0][id]=1&a=1", some)).toBe(form("items[0][id]=2&a=1", some));
    expect(form("items[1][id]=1&a=1", some)).not.toBe(form("items[1][id]=2&a=1", some));
  });

  test("a field counts where a pointer leads below it, as a value in JSON does", () => {
    const included: CountedMembers = { include: ["/meta/id", "/a"] };
    expect(form("meta=1&a=1", included)).not.toBe(form("meta=2&a=1", included));
    const excluded: CountedMembers = { exclude: ["/meta/id"] };
    expect(form("meta=1&a=1", excluded)).not.toBe(form("meta=2&a=1", excluded));
  });

  test("a form counts whole in which no included field stands", () => {
    const some: CountedMembers = { include: ["/amount"] };
    expect(form("a=1", some)).not.toBe(form("a=2", some));
    expect(form("amount=1&a=1", some)).toBe(form("amount=1&a=2", some));
  });

  test("a form that cannot be decoded counts whole", () => {
    const some: CountedMembers = { exclude: ["/sent"] };
    expect(form("a=%FF", some)).not.toBe(form("a=%FE", some));
  });
});
