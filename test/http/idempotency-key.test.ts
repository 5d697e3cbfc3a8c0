import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readBodyHeaders } from "../../lib/http/body.ts";
import { findKey, type KeyRules } from "../../lib/http/idempotency-key.ts";
import { readRequest } from "../../lib/http/request.ts";
import { anyText } from "../support/any-text.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";

const RULES: KeyRules = {
  keyFrom: [{ header: "Idempotency-Key" }],
  keyFormat: "visible",
  missingKey: "refuse",
};
const UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/** The key of an event by these rules. */
function findIn(event: unknown, rules: Partial<KeyRules> = {}) {
  const request = readRequest(event);
  return findKey(request, readBodyHeaders(request), { ...RULES, ...rules });
}

const find = (value: string | readonly string[], rules: Partial<KeyRules> = {}) =>
  findIn({ ...restApiEvent(), multiValueHeaders: { "Idempotency-Key": [value].flat() } }, rules);
const key = (value: string) => ({ kind: "key", key: value });
const malformed = (reason: string) => ({
  kind: "refuse",
  refusal: { code: "key_malformed", detail: expect.stringContaining(reason) },
});

describe("a key is accepted:", () => {
  test.each([
    ["bare", "order-4711", "order-4711"],
    ["as a string", '"order-4711"', "order-4711"],
    ["of one character", "k", "k"],
    ["of 255 characters", "k".repeat(255), "k".repeat(255)],
    ["of 255 characters as a string", `"${"k".repeat(255)}"`, "k".repeat(255)],
    ["of 255 characters, escapes not counted", `"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
    ["with spaces and tabs around it", " \tk\t ", "k"],
    ["with the punctuation of base64", "a+b/c==", "a+b/c=="],
    ["with a backslash", "a\\b", "a\\b"],
    ["with an escaped quote", '"a\\"b"', 'a"b'],
    ["with an escaped backslash", '"a\\\\b"', "a\\b"],
    ["with a comma inside a string", '"a,b"', "a,b"],
    ["with a semicolon inside a string", '"a;b"', "a;b"],
    ["a UUID in upper case, as the same UUID in lower case", UUID.toUpperCase(), UUID],
    ["a UUID as a string in upper case", `"${UUID.toUpperCase()}"`, UUID],
    ["another word in upper case, which stays as it is", "ORDER-4711", "ORDER-4711"],
  ])("%s", (_name, value, expected) => {
    expect(find(value)).toEqual(key(expected));
  });
});

const NOT_ONE_KEY = "neither a bare key";
const NOT_VISIBLE = "other than visible ASCII";

describe("a key is refused:", () => {
  test.each([
    ["empty", "", "it is empty"],
    ["only spaces", "   ", "it is empty"],
    ["an empty string", '""', "it is empty"],
    ["256 characters", "k".repeat(256), "it has 256 characters; the maximum is 255"],
    [
      "256 characters as a string",
      `"${"k".repeat(256)}"`,
      "it has 256 characters; the maximum is 255",
    ],
    ["the control character NUL", "a\0b", NOT_VISIBLE],
    ["the control character BEL", "a\u0007b", NOT_VISIBLE],
    ["the control character DEL", "a\u007Fb", NOT_VISIBLE],
    ["a line feed", "a\nb", NOT_VISIBLE],
    ["a line feed at the end", "a\n", NOT_VISIBLE],
    ["a carriage return at the end", "a\r", NOT_VISIBLE],
    ["a tab inside", "a\tb", NOT_VISIBLE],
    ["a space inside", "a b", NOT_VISIBLE],
    ["a space inside a string", '"a b"', NOT_VISIBLE],
    ["Latin-1", "schlüssel", NOT_VISIBLE],
    ["a no-break space at the end", "a\u00A0", NOT_VISIBLE],
    ["an emoji", "🔑", NOT_VISIBLE],
    ["a fullwidth digit", "１", NOT_VISIBLE],
    ["two keys joined by a comma", "a,b", NOT_ONE_KEY],
    ["two keys joined by comma and space", "a, b", NOT_ONE_KEY],
    ["the same key twice, joined by a comma", "a, a", NOT_ONE_KEY],
    ["two strings joined by a comma", '"a", "b"', NOT_ONE_KEY],
    ["a string with parameters", '"a";v=1', NOT_ONE_KEY],
    ["a bare key with parameters", "a;v=1", NOT_ONE_KEY],
    ["a string that does not end", '"a', NOT_ONE_KEY],
    ["a string that does not begin", 'a"', NOT_ONE_KEY],
    ["a quote alone", '"', NOT_ONE_KEY],
    ["text after a string", '"a"b', NOT_ONE_KEY],
    ["a quote inside a string", '"a"b"', NOT_ONE_KEY],
    ["an unknown escape", '"a\\n"', NOT_ONE_KEY],
    ["an escape without its character", '"a\\"', NOT_ONE_KEY],
  ])("%s", (_name, value, reason) => {
    expect(find(value)).toEqual(malformed(reason));
  });

  test.each([
    ["two different values", ["a", "b"], 2],
    ["the same value twice", ["a", "a"], 2],
    ["an empty one beside a good one", ["", "a"], 2],
    ["three", ["a", "b", "c"], 3],
  ])("as several headers: %s", (_name, values, count) => {
    expect(find(values)).toEqual(malformed(`it was sent ${count} times; send it once`));
  });

  test("and the refusal does not repeat it, because it may be a secret", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{12,20}[;,\n"]$/), (value) => {
        expect(JSON.stringify(find(value))).not.toContain(value.slice(0, -1));
      }),
    );
  });
});

describe("a request without a key", () => {
  const without = restApiEvent();

  test("is refused where a key is required", () => {
    expect(findIn(without)).toEqual({ kind: "refuse", refusal: { code: "key_missing" } });
  });

  test("passes where a key is optional", () => {
    expect(findIn(without, { missingKey: "pass" })).toEqual({ kind: "none" });
  });

  test("differs from a request with an empty key, which is refused even where a key is optional", () => {
    expect(find("", { missingKey: "pass" })).toEqual(malformed("it is empty"));
  });
});

describe("a profile that accepts UUIDs only", () => {
  test.each([UUID, UUID.toUpperCase(), `"${UUID}"`])("accepts %s", (value) => {
    expect(find(value, { keyFormat: "uuid" })).toEqual(key(UUID));
  });

  test.each(["abc", `${UUID}0`, `{${UUID}}`, UUID.replaceAll("-", "")])("refuses %s", (value) => {
    expect(find(value, { keyFormat: "uuid" })).toEqual(malformed("is not a UUID"));
  });

  test("counts the characters of a key that is no UUID", () => {
    const fault = (value: string) => find(value, { keyFormat: "uuid" });
    expect(fault("k")).toEqual(malformed("it has one character and is not a UUID"));
    expect(fault("kk")).toEqual(malformed("it has 2 characters and is not a UUID"));
  });
});

describe("a profile that is strict about the header", () => {
  const strict = { keyFrom: [{ header: "Idempotency-Key", strict: true }] };

  test("accepts a key as a quoted string, as the Internet-Draft requires", () => {
    expect(find(`"${UUID}"`, strict)).toEqual(key(UUID));
  });

  test.each([UUID, "k", "", "a,b"])("refuses %j, which is not quoted", (value) => {
    expect(find(value, strict)).toEqual(malformed("it is not quoted"));
  });

  test("refuses a value that has a quote but is no string", () => {
    expect(find('"a', strict)).toEqual(malformed("nor one quoted string"));
  });
});

test("the key is read from the header that the profile names", () => {
  const event = restApiEvent({ headers: { "X-Request-Token": "t" }, key: "k" });
  expect(findIn(event, { keyFrom: [{ header: "x-request-token" }] })).toEqual(key("t"));
});

describe("a key in the body", () => {
  const inBody = (body: unknown, rules: Partial<KeyRules> = {}, headers = {}) =>
    findIn(
      restApiEvent({ body: typeof body === "string" ? body : JSON.stringify(body), headers }),
      {
        keyFrom: [{ pointer: "/meta/external~1id" }],
        ...rules,
      },
    );
  const at = (value: unknown) => ({ meta: { "external/id": value } });

  test("is found by its JSON pointer, and kept unchanged", () => {
    expect(inBody(at("order 1".replace(" ", "-")))).toEqual(key("order-1"));
    expect(inBody(at('"quoted"'), { keyFormat: () => undefined })).toEqual(key('"quoted"'));
  });

  test.each<[string, unknown]>([
    ["no such member", {}],
    ["null in its place", at(null)],
    ["a value where an object should be", { meta: "external/id" }],
    ["nothing", ""],
    ["nothing but blanks and a mark", " \uFEFF\n"],
    ["null", null],
    ["a JSON text", '"external/id"'],
    ["a list", [at("k")]],
  ])("is missing with %s", (_name, body) => {
    expect(inBody(body)).toEqual({ kind: "refuse", refusal: { code: "key_missing" } });
  });

  test("is not found on prototypes", () => {
    const keyFrom = [{ pointer: "/__proto__/constructor/name" }];
    expect(inBody({}, { keyFrom, missingKey: "pass" })).toEqual({ kind: "none" });
    const inherited = [{ pointer: "/toString" }];
    expect(inBody({}, { keyFrom: inherited, missingKey: "pass" })).toEqual({ kind: "none" });
  });

  test.each([
    "application/json",
    "application/vnd.api+json",
    "text/plain",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
  ])("is found under any media type, because a handler may read it too: %s", (type) => {
    expect(inBody(at("k"), {}, { "Content-Type": type })).toEqual(key("k"));
  });

  test.each<[number | string, string]>([
    [4711, "4711"],
    [0, "0"],
    [-1, "-1"],
    ["1.0", "1"],
    ["1e3", "1000"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("is a number that JavaScript holds exactly, as the handler sees it: %p", (sent, expected) => {
    expect(inBody(`{"meta":{"external/id":${sent}}}`)).toEqual(key(expected));
  });

  test.each(["1.5", "9007199254740992", "-9007199254740993", "1e300", "1e-7"])(
    "is refused if it is a number that may have been rounded: %s",
    (sent) => {
      expect(inBody(`{"meta":{"external/id":${sent}}}`)).toEqual(malformed("send it as a string"));
    },
  );

  test.each([[true], [{}], [["k"]]])("is refused if it is no text: %p", (value) => {
    expect(inBody(at(value))).toEqual(malformed(`it is a JSON ${typeof value}`));
  });

  test("is refused with the fault that the profile's own format returns", () => {
    const keyFormat = (key: string) => (key.length > 3 ? "it is long" : undefined);
    expect(inBody(at("abcd"), { keyFormat })).toEqual(malformed("it is long"));
    expect(inBody(at("abc"), { keyFormat })).toEqual(key("abc"));
  });
});

describe("a key in two places", () => {
  const both = (body: string, header: string) =>
    findIn(restApiEvent({ key: header, body: JSON.stringify({ key: body }) }), {
      keyFrom: [{ header: "Idempotency-Key" }, { pointer: "/key" }],
    });

  test("is one key if it is the same in both", () => {
    expect(both(UUID.toUpperCase(), `"${UUID}"`)).toEqual(key(UUID));
  });

  test("is refused if it differs", () => {
    expect(both("a", "b")).toEqual(malformed("its places hold different keys"));
  });
});

test("a bare key and the same key as a string are one key, with any characters", () => {
  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 255,
  });
  fc.assert(
    fc.property(visible, (text) => {
      const found = find(`"${text.replace(/["\\]/g, "\\$&")}"`);
      expect(found).toMatchObject({ kind: "key" });
      if (!/[",;]/.test(text)) expect(find(text)).toEqual(found);
    }),
  );
});

test("any text at all is either a key or refused with a reason", () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      const found = find(text);
      if (found.kind === "key") expect(found.key).toMatch(/^[\x21-\x7e]{1,255}$/);
      else expect(found).toEqual(malformed("The key is refused because"));
    }),
  );
});

describe("a key in the query", () => {
  const rules = { keyFrom: [{ query: "requestId" }] } as const;
  const events = [
    ["an HTTP API", httpApiEvent],
    ["a function URL", functionUrlEvent],
    ["a REST API", restApiEvent],
    ["VPC Lattice", vpcLatticeEvent],
    ["a load balancer", albEvent],
    ["a load balancer with multi-value maps", (parts: object) => albEvent(parts, true)],
  ] as const;

  test.each(events)("is found behind %s, decoded once", (_name, createEvent) => {
    expect(findIn(createEvent({ query: "a=1&requestId=k-1" }), rules)).toEqual(key("k-1"));
    expect(findIn(createEvent({ query: "requestId=a%2Fb" }), rules)).toEqual(key("a/b"));
    expect(findIn(createEvent({ query: "requestId=a%252Fb" }), rules)).toEqual(key("a%2Fb"));
    expect(findIn(createEvent({ query: "requestid=k-1" }), rules)).toMatchObject({
      kind: "refuse",
    });
    expect(findIn(createEvent({ query: "requestId=" }), rules)).toEqual(malformed("it is empty"));
  });

  test("is refused if it occurs twice or is not UTF-8", () => {
    const twice = httpApiEvent({ query: "requestId=a&requestId=b" });
    expect(findIn(twice, rules)).toEqual(malformed("it was sent 2 times"));
    const any = { ...rules, keyFormat: () => undefined };
    for (const createEvent of [httpApiEvent, albEvent]) {
      const event = createEvent({ query: "requestId=%FF" });
      expect(findIn(event, any)).toEqual(malformed("its percent escapes are not UTF-8"));
    }
  });
});

describe("a key in the path", () => {
  const rules = { keyFrom: [{ path: "id" }] } as const;

  test.each([
    [
      "REST API",
      { ...restApiEvent({ resource: "/t/{id}" }), pathParameters: { id: "a%2Fb" } },
      "a/b",
    ],
    [
      "HTTP API",
      { ...httpApiEvent({ resource: "/t/{id}" }), pathParameters: { id: "a/b" } },
      "a/b",
    ],
  ])("is found behind a %s", (_name, event, expected) => {
    expect(findIn(event, rules)).toEqual(key(expected));
  });

  test("is missing if the route has no such parameter", () => {
    const event = { ...restApiEvent({ resource: "/{proxy+}" }), pathParameters: { proxy: "t/a" } };
    expect(findIn(event, rules)).toEqual({ kind: "refuse", refusal: { code: "key_missing" } });
    expect(findIn(albEvent(), { ...rules, missingKey: "pass" })).toEqual({ kind: "none" });
  });

  test("is checked against the format, and compared with the other places", () => {
    const event = { ...httpApiEvent({ query: "requestId=b" }), pathParameters: { id: "a" } };
    const both = { keyFrom: [{ path: "id" }, { query: "requestId" }] } as const;
    expect(findIn(event, both)).toEqual(malformed("its places hold different keys"));
    expect(findIn(event, { ...rules, keyFormat: "uuid" })).toEqual(malformed("is not a UUID"));
  });
});
