import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { readCommitted, readResult } from "../../lib/http/result.ts";

const circular: Record<string, unknown> = {};
circular.itself = circular;

class WithToJSON {
  readonly #status = 201;
  toJSON() {
    return { statusCode: this.#status, headers: { location: "/1" }, body: "{}" };
  }
}

class WithGetters {
  get statusCode() {
    return 201;
  }
}

const throwing = {
  statusCode: 201,
  toJSON() {
    throw new Error("no text of this");
  },
};

describe("a result with a status is read as its JSON text,", () => {
  test.each<[string, unknown, object]>([
    ["of a plain object", { statusCode: 201, body: "{}" }, { statusCode: 201, body: "{}" }],
    [
      "of an object without a prototype",
      Object.assign(Object.create(null), { statusCode: 201, body: "é\ud800" }),
      { statusCode: 201, body: "é\ud800" },
    ],
    [
      "of a class with toJSON",
      new WithToJSON(),
      { statusCode: 201, headers: { location: "/1" }, body: "{}" },
    ],
    [
      "of an object with toJSON beside a body",
      { statusCode: 500, body: "no", toJSON: () => ({ statusCode: 201, body: "yes" }) },
      { statusCode: 201, body: "yes" },
    ],
    [
      "of a class with members",
      new (class {
        statusCode = 201;
        body = "{}";
      })(),
      { statusCode: 201, body: "{}" },
    ],
    [
      "of an object with getters",
      Object.defineProperty({ statusCode: 201 }, "body", { enumerable: true, get: () => "got" }),
      { statusCode: 201, body: "got" },
    ],
    [
      "without members that JSON omits",
      Object.defineProperty({ statusCode: 201, isBase64Encoded: undefined }, "body", {
        value: "hidden",
      }),
      { statusCode: 201 },
    ],
    [
      "of a header with a toJSON of its own",
      { statusCode: 200, headers: { at: new Date(0) }, body: "" },
      { statusCode: 200, headers: { at: "1970-01-01T00:00:00.000Z" }, body: "" },
    ],
    ["with a number in a text as status", { statusCode: "201" }, { statusCode: 201 }],
    [
      "with null for a member without a value",
      { statusCode: 200, headers: null, multiValueHeaders: null, cookies: null, body: null },
      { statusCode: 200 },
    ],
    [
      "without headers that are null",
      { statusCode: 200, headers: { a: null, b: 1, c: false } },
      { statusCode: 200, headers: { b: 1, c: false } },
    ],
    [
      "with members that only a load balancer knows",
      { statusCode: 200, statusDescription: "200 OK" },
      { statusCode: 200, statusDescription: "200 OK" },
    ],
  ])("%s", (_name, result, response) => {
    for (const format of ["http-api", "rest-api", "alb"] as const) {
      expect(readResult(result, format)).toEqual({ response });
    }
    expect(readCommitted(result)).toEqual({ response });
  });

  test.each([100, 599, "100", "599"])("with a status of %p", (statusCode) => {
    expect(readCommitted({ statusCode })).toEqual({ response: { statusCode: Number(statusCode) } });
  });

  test("and shares no mutable value with it", () => {
    const result = { statusCode: 201, headers: { a: "1" }, cookies: ["a=1"], body: "{}" };
    const { response } = readResult(result, "http-api");
    result.headers.a = "2";
    result.cookies.push("b=2");
    expect(response).toEqual({
      statusCode: 201,
      headers: { a: "1" },
      cookies: ["a=1"],
      body: "{}",
    });
  });
});

describe("a result with a status that is no valid response is an error of the gateway, with its fault:", () => {
  test.each<[string, unknown, string, string]>([
    ["NaN", { statusCode: Number.NaN }, "its statusCode is null", "from 100 to 599"],
    ["99", { statusCode: 99 }, "its statusCode is 99", "from 100 to 599"],
    ["600", { statusCode: 600 }, "its statusCode is 600", "from 100 to 599"],
    ["1000", { statusCode: 1000 }, "its statusCode is 1000", "from 100 to 599"],
    ["200.5", { statusCode: 200.5 }, "its statusCode is 200.5", "from 100 to 599"],
    ["a word", { statusCode: "OK" }, "its statusCode is 'OK'", "from 100 to 599"],
    ["a text of two lines", { statusCode: "201\n" }, "its statusCode is '201\\n'", "100 to 599"],
    ["a text in hex", { statusCode: "0xC" }, "its statusCode is '0xC'", "100 to 599"],
    [
      "a Buffer",
      { statusCode: 201, body: Buffer.from("a") },
      "its body is a Buffer",
      'Use body.toString("base64") with isBase64Encoded: true.',
    ],
    [
      "binary data",
      { statusCode: 201, body: new Uint8Array(1) },
      "its body is binary data",
      'Use Buffer.from(body).toString("base64") with isBase64Encoded: true.',
    ],
    [
      "an ArrayBuffer",
      { statusCode: 201, body: new ArrayBuffer(1) },
      "its body is binary data",
      "Buffer.from(body)",
    ],
    [
      "a stream",
      { statusCode: 201, body: Readable.from(["a"]) },
      "its body is a stream",
      "collect the stream",
    ],
    [
      "a ReadableStream",
      { statusCode: 201, body: new ReadableStream() },
      "its body is a stream",
      "collect the stream",
    ],
    [
      "a fetch Response",
      { statusCode: 201, body: new Response("a") },
      "its body is a fetch Response",
      "await response.text()",
    ],
    ["a Blob", { statusCode: 201, body: new Blob(["a"]) }, "its body is a Blob", "body.text()"],
    [
      "a promise",
      { statusCode: 201, body: Promise.resolve("a") },
      "its body is a promise",
      "Await the body",
    ],
    [
      "an object",
      { statusCode: 201, body: { a: 1 } },
      "its body is { a: 1 } and not a string",
      "Use JSON.stringify(body) as the body.",
    ],
    [
      "a number",
      { statusCode: 201, body: 7 },
      "its body is 7 and not a string",
      "Use String(body) as",
    ],
    ["headers in a list", { statusCode: 200, headers: [] }, "its headers are not", "one string"],
    ["a header of lists", { statusCode: 200, headers: { a: ["1"] } }, "its headers", "one string"],
    [
      "a list of one text",
      { statusCode: 200, multiValueHeaders: { a: "1" } },
      "its multiValueHeaders",
      "a list of strings",
    ],
    [
      "a list with null",
      { statusCode: 200, multiValueHeaders: { a: [null] } },
      "its multiValueHeaders",
      "a list of strings",
    ],
    ["a cookie", { statusCode: 200, cookies: "a=1" }, "its cookies", 'cookies: ["name=value"]'],
    ["cookies of numbers", { statusCode: 200, cookies: [1] }, "its cookies", "name=value"],
    ["circular", { statusCode: 200, circular }, "it has no JSON text: Converting", "statusCode"],
    ["a BigInt", { statusCode: 200, amount: 1n }, "it has no JSON text", "statusCode"],
    ["a toJSON that throws", throwing, "it has no JSON text: no text of this", "statusCode"],
  ])("%s", (_name, result, problem, remedy) => {
    const fault = {
      problem: expect.stringContaining(problem),
      remedy: expect.stringContaining(remedy),
    };
    expect(readCommitted(result)).toEqual({ fault });
    expect(readResult(result, "http-api")).toEqual({
      response: {
        statusCode: 500,
        headers: { "content-type": "application/json" },
        body: '{"message":"Internal Server Error"}',
      },
      fault,
    });
    expect(readResult(result, "rest-api")).toEqual({
      response: {
        statusCode: 502,
        headers: { "content-type": "application/json" },
        body: '{"message": "Internal server error"}',
      },
      fault,
    });
    expect(readResult(result, "alb")).toMatchObject({
      response: { statusCode: 502, body: expect.stringContaining("502 Bad Gateway") },
      fault,
    });
  });

  test.each<[string, unknown]>([
    ["a function", () => {}],
    ["a symbol", Symbol("a")],
    ["a toJSON that gives nothing", { toJSON: () => undefined }],
  ])("%s has no JSON text", (_name, result) => {
    expect(readResult(result, "http-api").response.statusCode).toBe(500);
    expect(readCommitted(result)).toHaveProperty("fault");
  });
});

describe("a result without a status", () => {
  test.each<[string, unknown, string]>([
    ["an object", { id: "t-1" }, '{"id":"t-1"}'],
    ["an object with a text as body", { body: "a" }, '{"body":"a"}'],
    ["an array", [1, 2], "[1,2]"],
    ["a text, which is the body itself", "done", "done"],
    ["a number", 7, "7"],
    ["false", false, "false"],
    ["null", null, "null"],
    ["nothing", undefined, "null"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["an entity with a status of its own", { status: "paid" }, '{"status":"paid"}'],
  ])("is 200 and its JSON text for an HTTP API: %s", (_name, result, body) => {
    expect(readResult(result, "http-api")).toEqual({
      response: { statusCode: 200, headers: { "content-type": "application/json" }, body },
    });
    expect(readResult(result, "rest-api").response.statusCode).toBe(502);
    expect(readResult(result, "alb").response.statusCode).toBe(502);
    expect(readCommitted(result)).toHaveProperty("fault.remedy", expect.stringContaining("Use {"));
  });

  test.each<[string, unknown, string]>([
    ["{ status: 201 }", { status: 201 }, "it has no statusCode"],
    ["{ statusCode: undefined }", { statusCode: undefined }, "it has no statusCode"],
    ["a class with getters", new WithGetters(), "it has no statusCode"],
    ["a fetch Response", new Response("a"), "it is a fetch Response"],
    ["a Buffer", Buffer.from("a"), "it is a Buffer"],
    ["a stream", new ReadableStream(), "it is a stream"],
    ["an async generator", (async function* () {})(), "it is a stream"],
  ])("is reported as a mistake if it is %s", (_name, result, problem) => {
    const read = readResult(result, "http-api");
    expect(read.response.statusCode).toBe(200);
    expect(read.fault?.problem).toBe(problem);
    expect(readResult(result, "rest-api")).toMatchObject({
      response: { statusCode: 502 },
      fault: { problem: expect.any(String) },
    });
  });
});

test("a header is read once, because a getter may say something else the next time", () => {
  let reads = 0;
  const headers = {
    get etag() {
      reads += 1;
      if (reads > 1) throw new Error("read twice");
      return "v1";
    },
  };
  const { response } = readResult({ statusCode: 201, headers, body: "" }, "http-api");
  expect(response.headers).toEqual({ etag: "v1" });
});
