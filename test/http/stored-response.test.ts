import { describe, expect, test } from "@jest/globals";
import { renderMarked } from "../../lib/http/render.ts";
import { readRequest } from "../../lib/http/request.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { readStoredResponse, storeResponse } from "../../lib/http/stored-response.ts";
import { albEvent, httpApiEvent, restApiEvent } from "../support/events.ts";

const HTTP_API = readRequest(httpApiEvent());
const REST_API = readRequest(restApiEvent());
const MULTI_VALUE = readRequest(albEvent({}, true));

const stored = (response: HttpResponse) => JSON.parse(storeResponse(response).text);
const replayed = (response: HttpResponse, request = REST_API, marker?: string) =>
  renderMarked(readStoredResponse(storeResponse(response).text), request, marker);

describe("a replay", () => {
  test.each<[string, HttpResponse]>([
    ["with status, headers and body", { statusCode: 201, headers: { a: "1" }, body: '{"b": 1}' }],
    ["with a body in base64", { statusCode: 200, body: "/wD+", isBase64Encoded: true }],
    ["with headers of several values", { statusCode: 200, multiValueHeaders: { a: ["1", "2"] } }],
    ["with numbers and booleans as headers", { statusCode: 200, headers: { a: 1, b: true } }],
    ["without a body", { statusCode: 204 }],
    ["with an empty body", { statusCode: 201, headers: { location: "/transfers/1" }, body: "" }],
    ["with spaces and duplicate members", { statusCode: 200, body: ' {"a":1 , "a":2}\r\n' }],
    ["with numbers beyond 2^53", { statusCode: 200, body: '{"a":9007199254740993,"b":1.0}' }],
    ["with every kind of character", { statusCode: 200, body: '\0é😀\u2028\uFEFF\\"' }],
    ["with a lone surrogate", { statusCode: 200, body: "\ud800" }],
    ["with __proto__ in its body", { statusCode: 200, body: '{"__proto__":{"a":1}}' }],
  ])("is the stored response: %s", (_name, response) => {
    expect(replayed(response)).toEqual(response);
    expect(replayed(response).body).toBe(response.body);
  });

  test("keeps headers that mean something to the client", () => {
    const headers = {
      Location: "/transfers/1",
      ETag: '"1"',
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Request-Id": "r-1",
      "Last-Modified": "Sun, 22 Nov 2026 00:00:00 GMT",
    };
    expect(replayed({ statusCode: 201, headers })).toEqual({ statusCode: 201, headers });
  });

  test("carries the marker beside its own headers", () => {
    const replay = replayed(
      { statusCode: 201, headers: { location: "/transfers/1" }, body: "{}" },
      HTTP_API,
      "Idempotent-Replayed",
    );
    expect(replay).toEqual({
      statusCode: 201,
      headers: { location: "/transfers/1", "Idempotent-Replayed": "true" },
      body: "{}",
    });
  });

  test("carries the marker where it has no headers of its own", () => {
    const replay = replayed({ statusCode: 204 }, HTTP_API, "Idempotent-Replayed");
    expect(replay).toEqual({ statusCode: 204, headers: { "Idempotent-Replayed": "true" } });
  });

  test("goes to a load balancer with the marker among its multi-value headers", () => {
    const multiValueHeaders = { location: ["/transfers/1"], vary: ["a", "b"] };
    const replay = replayed({ statusCode: 201, multiValueHeaders }, MULTI_VALUE, "Replayed");
    expect(replay.multiValueHeaders).toEqual({ ...multiValueHeaders, Replayed: ["true"] });
  });
});

describe("headers of one connection, moment or caller are never stored:", () => {
  test.each([
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Set-Cookie",
    "Date",
    "WWW-Authenticate",
    "Authorization",
  ])("%s", (name) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(
        stored({
          statusCode: 200,
          headers: { [spelling]: "secret", kept: "1" },
          multiValueHeaders: { [spelling]: ["secret"], kept: ["1"] },
        }),
      ).toEqual({ statusCode: 200, headers: { kept: "1" }, multiValueHeaders: { kept: ["1"] } });
    }
  });

  test("cookies", () => {
    const response = { statusCode: 200, cookies: ["session=secret"], body: "" };
    expect(storeResponse(response).text).not.toContain("session");
    expect(replayed(response)).toEqual({ statusCode: 200, body: "" });
  });

  test("and the first response keeps them", () => {
    const response = { statusCode: 200, headers: { "Set-Cookie": "session=1" }, cookies: ["a=1"] };
    storeResponse(response);
    expect(response).toEqual({
      statusCode: 200,
      headers: { "Set-Cookie": "session=1" },
      cookies: ["a=1"],
    });
  });
});

describe("a response that is too large keeps its status, and an error replaces its body:", () => {
  test.each<[string, HttpResponse]>([
    ["over 400 KB", { statusCode: 201, body: "x".repeat(410_000) }],
    ["over 400 KB in UTF-8 only", { statusCode: 201, body: "é".repeat(205_000) }],
    ["over 400 KB of headers", { statusCode: 201, headers: { a: "x".repeat(410_000) } }],
  ])("%s", (_name, response) => {
    const { text, notKept } = storeResponse(response);
    expect(notKept).toContain("bytes; the maximum is");
    expect(Buffer.byteLength(text)).toBeLessThan(1_000);
    const replay = renderMarked(readStoredResponse(text), HTTP_API, "Idempotent-Replayed");
    expect(replay.statusCode).toBe(201);
    expect(replay.headers).toEqual({
      "content-type": "application/json",
      "Idempotent-Replayed": "true",
    });
    expect(JSON.parse(replay.body ?? "")).toEqual({
      error: {
        type: "idempotency_error",
        code: "response_not_kept",
        message: expect.stringContaining("was executed"),
        status: 201,
      },
    });
  });

  test.each<[string, Partial<HttpResponse>, object]>([
    ["Location", { headers: { Location: "/transfers/1" } }, { Location: "/transfers/1" }],
    ["content-location", { headers: { "content-location": "/a" } }, { "content-location": "/a" }],
    ["Link", { headers: { Link: "</a>; rel=self" } }, { Link: "</a>; rel=self" }],
  ])("%s is kept, and says where the resource is", (_name, parts, headers) => {
    const response = { statusCode: 201, body: "x".repeat(410_000), ...parts };
    expect(stored(response).headers).toEqual({ "content-type": "application/json", ...headers });
  });

  test("Location is kept from multi-value headers as well, and no other header is", () => {
    const multiValueHeaders = { location: ["/transfers/1"], etag: ['"1"'], "set-cookie": ["a=1"] };
    const response = { statusCode: 201, multiValueHeaders, body: "x".repeat(410_000) };
    expect(stored(response).multiValueHeaders).toEqual({ location: ["/transfers/1"] });
    expect(replayed(response, HTTP_API).headers).toMatchObject({ location: "/transfers/1" });
  });

  test.each([
    [7_978, true],
    [7_979, false],
  ])("a Location of %i bytes is kept: %p", (bytes, isKept) => {
    const headers = { Location: "/".repeat(bytes) };
    const response = { statusCode: 201, headers, body: "x".repeat(410_000) };
    expect("Location" in stored(response).headers).toBe(isKept);
  });

  test("and one that just fits is stored whole, as DynamoDB's 400 KB allow", () => {
    const body = "x".repeat(399_000);
    const { text, notKept } = storeResponse({ statusCode: 200, body });
    expect(notKept).toBeUndefined();
    expect(Buffer.byteLength(text)).toBeLessThan(400 * 1024);
    expect(readStoredResponse(text).body).toBe(body);
  });
});

test("a response of 400,000 bytes is the largest that is stored whole", () => {
  const rest = '{"statusCode":200,"body":""}'.length;
  const createResponse = (bytes: number) => ({ statusCode: 200, body: "x".repeat(bytes - rest) });
  expect(storeResponse(createResponse(400_000)).notKept).toBeUndefined();
  expect(storeResponse(createResponse(400_001)).notKept).toBe(
    "it has 400001 bytes; the maximum is 400000",
  );
});

test("if the profile stores no responses, only the status is stored", () => {
  const response = { statusCode: 202, headers: { a: "1" }, body: "secret" };
  expect(storeResponse(response, false)).toEqual({ text: '{"statusCode":202}' });
});

test.each([
  "",
  "null",
  "7",
  '"text"',
  "[]",
  "{}",
  '{"status":200}',
  "true",
  '{"statusCode":"x"}',
  '{"statusCode":200,"body":{}}',
  '{"statusCode":200,"headers":[]}',
])("a stored text that is no response is refused: %s", (text) => {
  expect(() => readStoredResponse(text)).toThrow(
    expect.objectContaining({
      name: "IdempotencyRecordError",
      message:
        'The record\'s attribute "response" is not the text of a response. Does another program write to the table?',
    }),
  );
});

test("a header that happens to name another header does not remove it", () => {
  const headers = { "X-List": "kept, x", kept: "1" };
  expect(stored({ statusCode: 200, headers })).toEqual({ statusCode: 200, headers });
});

test("a replay to a load balancer keeps all values of a header that is also among the plain ones", () => {
  const response = {
    statusCode: 200,
    headers: { "x-a": "1" },
    multiValueHeaders: { "x-a": ["1", "2"] },
  };
  const alb = readRequest(albEvent({}, true));
  const replay = replayed(response, alb, "Replayed");
  expect(replay.multiValueHeaders).toEqual({ "x-a": ["1", "2"], Replayed: ["true"] });
});

test("headers that Connection names are hop-by-hop too (RFC 9110, 7.6.1)", () => {
  const headers = { Connection: "close, X-Hop", "x-hop": "1", kept: "1" };
  const { text } = storeResponse({ statusCode: 200, headers });
  expect(JSON.parse(text).headers).toEqual({ kept: "1" });
});
