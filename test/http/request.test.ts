import { describe, expect, test } from "@jest/globals";
import { readRequest } from "../../lib/http/request.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";

const multiValueAlbEvent = (request?: RequestParts) => albEvent(request, true);

const FORMATS = [
  ["REST API", restApiEvent, "rest-api"],
  ["HTTP API", httpApiEvent, "http-api"],
  ["function URL", functionUrlEvent, "http-api"],
  ["load balancer", albEvent, "alb"],
  ["load balancer with multi-value headers", multiValueAlbEvent, "alb"],
  ["service of VPC Lattice", vpcLatticeEvent, "vpc-lattice"],
] as const;

const PARTS: RequestParts = {
  method: "PUT",
  path: "/accounts/7/limits",
  resource: "/accounts/{id}/limits",
  query: "currency=EUR&dryRun=false",
  headers: { "X-Trace": "t-1" },
  key: "k-1",
  body: '{"limit":1}',
};

describe.each(FORMATS)("the event of a %s", (_name, createEvent, format) => {
  const read = (parts: RequestParts = PARTS) => readRequest(createEvent(parts));

  test("holds method, path, query and body", () => {
    expect(read()).toMatchObject({
      format,
      method: "PUT",
      path: "/accounts/7/limits",
      query: [
        ["currency", "EUR"],
        ["dryRun", "false"],
      ],
      body: '{"limit":1}',
    });
  });

  test.each(["idempotency-key", "Idempotency-Key", "IDEMPOTENCY-KEY", "iDEMPOTENCY-kEY"])(
    "holds a header that is read as %s",
    (name) => {
      expect(read().header(name)).toEqual(["k-1"]);
    },
  );

  test.each(["idempotency-key", "Idempotency-Key", "IDEMPOTENCY-KEY"])(
    "holds a header that was sent as %s",
    (name) => {
      const event = createEvent({});
      const headers = { ...("headers" in event ? event.headers : {}), [name]: "k-2" };
      const lists = { [name]: ["k-2"] };
      const sent =
        "multiValueHeaders" in event ? { headers, multiValueHeaders: lists } : { headers };
      expect(readRequest({ ...event, ...sent }).header("Idempotency-Key")).toEqual(["k-2"]);
    },
  );

  test("has no values of a header that was not sent", () => {
    expect(read().header("x-absent")).toEqual([]);
    expect(read().queryParameter("absent")).toEqual([]);
    expect(read().pathParameter("constructor")).toBeUndefined();
    expect(read().header("constructor")).toEqual([]);
    expect(read().header("__proto__")).toEqual([]);
  });

  test("holds a base64 body as its bytes", () => {
    const bytes = new Uint8Array([0x7b, 0x00, 0xff, 0x7d]);
    const { body } = read({ ...PARTS, body: bytes });
    expect([...(body as Uint8Array)]).toEqual([...bytes]);
  });

  test("holds the values of a parameter of the query", () => {
    expect(read({ query: "id=7&tag=a%20b" }).queryParameter("id")).toEqual(["7"]);
    expect(read({ query: "id=7&tag=a%20b" }).queryParameter("tag")).toEqual(["a b"]);
  });

  test("holds the method in upper case", () => {
    expect(read({ method: "patch" }).method).toBe("PATCH");
  });

  test("is read once: later changes to it have no effect", () => {
    const event = createEvent(PARTS) as Record<string, unknown>;
    const request = readRequest(event);
    for (const name of ["headers", "multiValueHeaders"]) {
      const headers = event[name] as Record<string, unknown> | undefined;
      for (const header of Object.keys(headers ?? {})) {
        const value = headers?.[header];
        if (Array.isArray(value)) value.push("mutated");
        if (headers) headers[header] = "mutated";
      }
    }
    Object.assign(event, { body: { limit: 2 }, rawPath: "/", path: "/", httpMethod: "GET" });
    expect(request.header("idempotency-key")).toEqual(["k-1"]);
    expect(request).toMatchObject({
      method: "PUT",
      path: "/accounts/7/limits",
      body: '{"limit":1}',
    });
  });

  test.each([
    ["null", null],
    ["absent", undefined],
  ])("may hold nothing where it can: %s", (_how, nothing) => {
    const request = readRequest({
      ...createEvent({}),
      headers: nothing,
      multiValueHeaders: nothing,
      queryStringParameters: nothing,
      multiValueQueryStringParameters: nothing,
      body: nothing,
    });
    expect(request.header("idempotency-key")).toEqual([]);
    expect(request.body).toBe("");
    expect(request.query).toEqual([]);
  });
});

describe("the route is the declared route", () => {
  test.each([
    ["REST API", restApiEvent(PARTS), "PUT /accounts/{id}/limits"],
    ["HTTP API", httpApiEvent(PARTS), "PUT /accounts/{id}/limits"],
    ["function URL, which has none", functionUrlEvent(PARTS), "$default"],
    ["load balancer, which has none: method and path", albEvent(PARTS), "PUT /accounts/7/limits"],
    ["VPC Lattice, which has none", vpcLatticeEvent(PARTS), "PUT /accounts/7/limits"],
    [
      "HTTP API with a route of any method",
      { ...httpApiEvent(PARTS), routeKey: "ANY /accounts/{id}/limits" },
      "PUT /accounts/{id}/limits",
    ],
    ["HTTP API of format 1.0", { ...restApiEvent(PARTS), resource: "$default" }, "$default"],
  ])("%s", (_name, event, route) => {
    expect(readRequest(event).route).toBe(route);
  });
});

describe("several values", () => {
  test.each([
    ["REST API", restApiEvent],
    ["load balancer", multiValueAlbEvent],
  ])("of one header are all found: %s", (_name, createEvent) => {
    const event = createEvent({});
    const multiValueHeaders = { "Idempotency-Key": ["a", "b"] };
    const request = readRequest({ ...event, multiValueHeaders });
    expect(request.header("idempotency-key")).toEqual(["a", "b"]);
  });

  test("of one header in two spellings are all found", () => {
    const multiValueHeaders = { "Idempotency-Key": ["a"], "idempotency-key": ["b"] };
    const request = readRequest({ ...restApiEvent({}), multiValueHeaders });
    expect(request.header("idempotency-key")).toEqual(["a", "b"]);
  });

  test("of one header count once if a normaliser in front has copied them to another spelling", () => {
    const headers = { "Idempotency-Key": "a", "idempotency-key": "a" };
    expect(readRequest({ ...httpApiEvent({}), headers }).header("Idempotency-Key")).toEqual(["a"]);
    const multiValueHeaders = { "Idempotency-Key": ["a", "b"], "idempotency-key": ["a", "b"] };
    const copied = readRequest({ ...restApiEvent({}), headers, multiValueHeaders });
    expect(copied.header("Idempotency-Key")).toEqual(["a", "b"]);
  });

  test.each([
    ["REST API", restApiEvent],
    ["HTTP API", httpApiEvent],
    ["load balancer", multiValueAlbEvent],
  ])("of one query parameter are all found: %s", (_name, createEvent) => {
    expect(readRequest(createEvent({ query: "tag=a&tag=b" })).query).toEqual([
      ["tag", "a"],
      ["tag", "b"],
    ]);
  });
});

describe("a query that cannot be decoded exactly", () => {
  test("keeps its text, because different bytes would become the same character", () => {
    expect(readRequest(httpApiEvent({ query: "a=%FF" })).query).toBe("a=%FF");
    expect(readRequest(httpApiEvent({ query: "a=%FE" })).query).toBe("a=%FE");
  });

  test("keeps a question mark that belongs to it", () => {
    expect(readRequest(httpApiEvent({ query: "?a=1" })).query).toEqual([["?a", "1"]]);
  });
});

test("only a load balancer with multi-value headers enabled reads them alone", () => {
  const readsLists = (event: unknown) => readRequest(event).readsMultiValueHeadersOnly;
  expect(readsLists(albEvent({}, true))).toBe(true);
  const others = [
    albEvent(),
    restApiEvent(),
    httpApiEvent(),
    functionUrlEvent(),
    vpcLatticeEvent(),
  ];
  expect(others.map(readsLists)).toEqual(others.map(() => false));
});

describe("an event that is no HTTP request is refused, with the name of its kind:", () => {
  test.each<[string, unknown, string]>([
    ["a queue's", { Records: [{ messageId: "1" }] }, '["Records"]'],
    ["a schedule's", { source: "aws.events", detail: {} }, '["source","detail"]'],
    ["an empty one", {}, "[]"],
    ["undefined", undefined, "[]"],
    ["null", null, "[]"],
  ])("%s", (_name, event, found) => {
    expect(() => readRequest(event)).toThrow(
      expect.objectContaining({
        name: "IdempotencyConfigurationError",
        message: expect.stringContaining(found),
      }),
    );
  });
});

describe("an event with a member of another type is refused, and the member named:", () => {
  test.each<[string, unknown, string]>([
    ["path", 7, "a string"],
    ["resource", {}, "a string"],
    ["rawPath", ["/"], "a string"],
    ["rawQueryString", 7, "a string"],
    ["routeKey", true, "a string"],
    ["pathParameters", { id: 7 }, "an object of strings"],
    ["pathParameters", ["7"], "an object of strings"],
    ["headers", new Headers({ "idempotency-key": "k" }), "an object of strings"],
    ["headers", new Map([["idempotency-key", "k"]]), "an object of strings"],
    ["headers", "a: 1", "an object of strings"],
    ["headers", { a: 1 }, "an object of strings"],
    ["headers", 7, "an object of strings"],
    ["headers", { a: "1", b: 2 }, "an object of strings"],
    ["multiValueHeaders", { a: ["1", 2] }, "an object of strings"],
    ["multiValueHeaders", { a: { b: "1" } }, "an object of strings"],
    ["queryStringParameters", { a: 1 }, "an object of strings"],
    ["multiValueQueryStringParameters", { a: [1] }, "an object of strings"],
  ])("%s: %j", (name, value, expected) => {
    expect(() => readRequest({ httpMethod: "POST", [name]: value })).toThrow(
      `The event is not an HTTP request: its member "${name}" is not ${expected}. Invoke the function with an event of API Gateway, a function URL or a load balancer.`,
    );
  });

  test("members without a value are accepted", () => {
    const event = {
      httpMethod: "POST",
      path: null,
      headers: { a: undefined, b: null },
      body: null,
    };
    expect(readRequest(event).path).toBe("/");
  });
});

test("the path of an HTTP API's event is its raw path, or else the path of its context", () => {
  const readPath = (event: object, path: unknown = "/stage/a") =>
    readRequest({ ...event, requestContext: { http: { method: "POST", path } } }).path;
  expect(readPath({ rawPath: "/a" })).toBe("/a");
  expect(readPath({})).toBe("/stage/a");
  expect(readPath({}, 7)).toBe("/");
});

test("the refusal of an event that is no HTTP request names the accepted sources", () => {
  expect(() => readRequest({ Records: [] })).toThrow(
    'The event is not an HTTP request: it has neither requestContext.http.method nor httpMethod, only ["Records"]. Wrap functions behind API Gateway, a function URL or a load balancer.',
  );
});

describe("of an event without its optional members,", () => {
  test.each([
    ["an HTTP API's", { requestContext: { http: { method: "POST" } } }, "$default"],
    ["a REST API's", { httpMethod: "POST" }, "POST /"],
    [
      "a REST API's with nulls",
      { httpMethod: "POST", headers: null, multiValueHeaders: null, body: null },
      "POST /",
    ],
  ])("%s, the rest is empty", (_name, event, route) => {
    const request = readRequest(event);
    expect(request).toMatchObject({ method: "POST", path: "/", route, body: "" });
    expect(request.header("content-type")).toEqual([]);
    expect([...request.query]).toEqual([]);
  });

  test("headers and parameters without a value count as absent", () => {
    const request = readRequest({
      httpMethod: "POST",
      headers: { "Idempotency-Key": undefined },
      queryStringParameters: { a: undefined, b: "1" },
    });
    expect(request.header("idempotency-key")).toEqual([]);
    expect(request.query).toEqual([["b", "1"]]);
  });
});
