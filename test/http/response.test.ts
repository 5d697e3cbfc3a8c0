import { describe, expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import {
  type HttpResponse,
  refusalResponse,
  replayResponse,
  responseOf,
  storeResponse,
} from "../../lib/http/response.ts";
import { albEvent, functionUrlEvent, httpApiEvent, restApiEvent } from "../support/events.ts";

const HTTP_API = readRequest(httpApiEvent());
const MULTI_VALUE = readRequest(albEvent({}, true));

const stored = (response: HttpResponse) => JSON.parse(storeResponse(response).text);
const replayed = (response: HttpResponse, request = HTTP_API, marker?: string) =>
  replayResponse(storeResponse(response).text, request, marker);

describe("an answer that is replayed", () => {
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
  ])("is the answer that was stored: %s", (_name, response) => {
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
    const answer = replayed(
      { statusCode: 201, headers: { location: "/transfers/1" }, body: "{}" },
      HTTP_API,
      "Idempotent-Replayed",
    );
    expect(answer).toEqual({
      statusCode: 201,
      headers: { location: "/transfers/1", "Idempotent-Replayed": "true" },
      body: "{}",
    });
  });

  test("carries the marker where it has no headers of its own", () => {
    const answer = replayed({ statusCode: 204 }, HTTP_API, "Idempotent-Replayed");
    expect(answer).toEqual({ statusCode: 204, headers: { "Idempotent-Replayed": "true" } });
  });

  test("goes to a load balancer with the marker among its multi-value headers", () => {
    const multiValueHeaders = { location: ["/transfers/1"], vary: ["a", "b"] };
    const answer = replayed({ statusCode: 201, multiValueHeaders }, MULTI_VALUE, "Replayed");
    expect(answer.multiValueHeaders).toEqual({ ...multiValueHeaders, Replayed: ["true"] });
  });

  test.each([
    ["REST API", restApiEvent()],
    ["HTTP API", httpApiEvent()],
    ["function URL", functionUrlEvent()],
    ["load balancer without multi-value headers", albEvent()],
  ])("keeps multi-value headers, and has the marker in the plain ones: %s", (_name, event) => {
    const response = { statusCode: 200, multiValueHeaders: { vary: ["a", "b"] } };
    expect(replayed(response, readRequest(event), "Replayed")).toEqual({
      ...response,
      headers: { Replayed: "true" },
    });
  });
});

describe("what belongs to one connection, moment or caller is never stored:", () => {
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

  test("and the answer that goes out keeps them", () => {
    const response = { statusCode: 200, headers: { "Set-Cookie": "session=1" }, cookies: ["a=1"] };
    storeResponse(response);
    expect(response).toEqual({
      statusCode: 200,
      headers: { "Set-Cookie": "session=1" },
      cookies: ["a=1"],
    });
  });
});

describe("an answer that cannot be stored keeps its status and says that its body was not kept:", () => {
  const circular: Record<string, unknown> = {};
  circular.itself = circular;

  test.each<[string, HttpResponse, string]>([
    ["over 400 KB", { statusCode: 201, body: "x".repeat(410_000) }, "bytes; the most is"],
    ["over 400 KB in UTF-8 only", { statusCode: 201, body: "é".repeat(205_000) }, "bytes"],
    ["over 400 KB of headers", { statusCode: 201, headers: { a: "x".repeat(410_000) } }, "bytes"],
    ["circular", { statusCode: 201, body: circular as unknown as string }, "not serialisable"],
    ["a BigInt", { statusCode: 201, body: 1n as unknown as string }, "not serialisable"],
    ["a toJSON that throws", { statusCode: 201, body: throwing() }, "no text of this"],
  ])("%s", (_name, response, reason) => {
    const { text, notKept } = storeResponse(response);
    expect(notKept).toContain(reason);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000);
    const replay = replayResponse(text, HTTP_API, "Idempotent-Replayed");
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

  test("and one that just fits is stored whole, as DynamoDB's 400 KB allow", () => {
    const body = "x".repeat(399_000);
    const { text, notKept } = storeResponse({ statusCode: 200, body });
    expect(notKept).toBeUndefined();
    expect(Buffer.byteLength(text)).toBeLessThan(400 * 1024);
    expect(replayResponse(text, HTTP_API, undefined).body).toBe(body);
  });
});

test("an answer of 400,000 bytes is the largest that is stored whole", () => {
  const rest = '{"statusCode":200,"body":""}'.length;
  const answer = (bytes: number) => ({ statusCode: 200, body: "x".repeat(bytes - rest) });
  expect(storeResponse(answer(400_000)).notKept).toBeUndefined();
  expect(storeResponse(answer(400_001)).notKept).toBe("it has 400001 bytes; the most is 400000");
});

test("of an answer whose body is a stream the status is kept", () => {
  for (const body of [{ pipe: () => {} }, { getReader: () => {} }]) {
    const answer = { statusCode: 200, body: body as unknown as string };
    expect(storeResponse(answer).notKept).toBe("its body is a stream");
    expect(JSON.parse(storeResponse(answer, false).text)).toMatchObject({ statusCode: 200 });
  }
  for (const body of [null, {}, "pipe"]) {
    const answer = { statusCode: 200, body: body as unknown as string };
    expect(storeResponse(answer)).toEqual({ text: JSON.stringify(answer) });
  }
});

test("where answers are kept back, nothing is stored but the status", () => {
  const answer = { statusCode: 202, headers: { a: "1" }, body: "secret" };
  expect(storeResponse(answer, false)).toEqual({ text: '{"statusCode":202}' });
});

test.each(["", "null", "7", '"text"', "[]", "{}", '{"status":200}', "true"])(
  "a stored text that is no answer is refused: %s",
  (text) => {
    expect(() => replayResponse(text, HTTP_API, undefined)).toThrow(
      expect.objectContaining({
        name: "IdempotencyRecordError",
        message:
          'The record\'s attribute "response" is not the text of an answer. Is the table used by something else as well?',
      }),
    );
  },
);

test("a header that happens to name another one leaves it alone", () => {
  const headers = { "X-List": "kept, x", kept: "1" };
  expect(stored({ statusCode: 200, headers })).toEqual({ statusCode: 200, headers });
});

describe("a result", () => {
  test("with a status code is the answer itself", () => {
    const result = { statusCode: 201, body: "{}" };
    expect(responseOf(result)).toBe(result);
  });

  test.each<[string, unknown, string]>([
    ["an object", { id: "t-1" }, '{"id":"t-1"}'],
    ["an array", [1, 2], "[1,2]"],
    ["a text", "done", '"done"'],
    ["a number", 7, "7"],
    ["false", false, "false"],
    ["null", null, "null"],
  ])("without a status code is 200 and its JSON text: %s", (_name, result, body) => {
    expect(responseOf(result)).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json" },
      body,
    });
  });

  test("of undefined is 200 without a body", () => {
    expect(responseOf(undefined)).toEqual({ statusCode: 200, body: "" });
  });

  test.each<[string, unknown]>([
    ["a circular object", circularObject()],
    ["a BigInt", { amount: 1n }],
  ])("without JSON text is still recorded as executed: %s", (_name, result) => {
    const { text, notKept } = storeResponse(responseOf(result));
    expect(notKept).toContain("not serialisable");
    expect(replayResponse(text, HTTP_API, undefined)).toMatchObject({ statusCode: 200 });
  });
});

describe("a refusal", () => {
  const refusal = { statusCode: 409, headers: { "retry-after": "1" }, body: "{}" };

  test("has plain headers for API Gateway and function URLs", () => {
    expect(refusalResponse(refusal, HTTP_API)).toEqual(refusal);
  });

  test("has multi-value headers for a load balancer that reads only those", () => {
    expect(refusalResponse(refusal, MULTI_VALUE).multiValueHeaders).toEqual({
      "retry-after": ["1"],
    });
  });
});

function throwing(): string {
  const body = {
    toJSON() {
      throw new Error("no text of this");
    },
  };
  return body as unknown as string;
}

function circularObject(): object {
  const result: Record<string, unknown> = {};
  result.itself = result;
  return result;
}

test("a replay to a load balancer keeps all values of a header that is also among the plain ones", () => {
  const response = {
    statusCode: 200,
    headers: { "x-a": "1" },
    multiValueHeaders: { "x-a": ["1", "2"] },
  };
  const alb = readRequest(albEvent({}, true));
  const replay = replayResponse(storeResponse(response).text, alb, "Replayed");
  expect(replay.multiValueHeaders).toEqual({ "x-a": ["1", "2"], Replayed: ["true"] });
});

test("headers that Connection names are hop-by-hop too (RFC 9110, 7.6.1)", () => {
  const headers = { Connection: "close, X-Hop", "x-hop": "1", kept: "1" };
  const { text } = storeResponse({ statusCode: 200, headers });
  expect(JSON.parse(text).headers).toEqual({ kept: "1" });
});
