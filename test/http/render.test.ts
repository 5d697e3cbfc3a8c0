import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { render, renderMarked } from "../../lib/http/render.ts";
import { readRequest } from "../../lib/http/request.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { albEvent, functionUrlEvent, httpApiEvent, restApiEvent } from "../support/events.ts";

const HTTP_API = readRequest(httpApiEvent());
const FUNCTION_URL = readRequest(functionUrlEvent());
const REST_API = readRequest(restApiEvent());
const ALB = readRequest(albEvent());
const ALB_LISTS = readRequest(albEvent({}, true));

const RESPONSE: HttpResponse = {
  statusCode: 201,
  headers: { "x-a": 1, "X-Both": "dropped", "Set-Cookie": "one=1" },
  multiValueHeaders: { "x-both": ["1", "2"], "X-Flag": [true] },
  cookies: ["two=2", "three=3"],
  body: "{}",
};

test.each([
  ["an HTTP API", HTTP_API],
  ["a function URL", FUNCTION_URL],
])("%s reads single headers and cookies", (_name, request) => {
  expect(render(RESPONSE, request)).toEqual({
    statusCode: 201,
    headers: { "x-a": "1", "x-both": "1, 2", "X-Flag": "true" },
    cookies: ["one=1", "two=2", "three=3"],
    body: "{}",
  });
});

test("a REST API reads single headers and lists, and no cookies beside them", () => {
  expect(render(RESPONSE, REST_API)).toEqual({
    statusCode: 201,
    headers: { "x-a": 1, "X-Both": "dropped" },
    multiValueHeaders: {
      "x-both": ["1", "2"],
      "X-Flag": [true],
      "Set-Cookie": ["one=1", "two=2", "three=3"],
    },
    body: "{}",
  });
});

test("a load balancer reads single headers, with room for one cookie", () => {
  expect(render(RESPONSE, ALB)).toEqual({
    statusCode: 201,
    headers: { "x-a": "1", "x-both": "1, 2", "X-Flag": "true", "set-cookie": "three=3" },
    body: "{}",
  });
});

test("a load balancer with multi-value headers reads lists alone", () => {
  expect(render(RESPONSE, ALB_LISTS)).toEqual({
    statusCode: 201,
    multiValueHeaders: {
      "x-a": ["1"],
      "x-both": ["1", "2"],
      "X-Flag": ["true"],
      "Set-Cookie": ["one=1", "two=2", "three=3"],
    },
    body: "{}",
  });
});

test.each([
  ["an HTTP API", HTTP_API, { statusCode: 200, headers: { A: 1, a: "2" }, cookies: ["a=1"] }],
  ["a REST API", REST_API, { statusCode: 200, multiValueHeaders: { a: ["1"] }, headers: { b: 2 } }],
  ["a load balancer", ALB, { statusCode: 200, headers: { A: "1", a: "2" } }],
  ["a load balancer with lists", ALB_LISTS, { statusCode: 200, multiValueHeaders: { a: ["1"] } }],
])("a response that %s reads directly stays unchanged", (_name, request, response) => {
  expect(render(response as HttpResponse, request)).toEqual(response);
});

test.each([
  ["an HTTP API", HTTP_API],
  ["a REST API", REST_API],
  ["a load balancer", ALB],
  ["a load balancer with lists", ALB_LISTS],
])("%s gets no empty lists if the response has no headers", (_name, request) => {
  const empty = { statusCode: 204, cookies: [] };
  expect(render(empty, request).headers).toBeUndefined();
  expect(render(empty, request).multiValueHeaders).toBeUndefined();
  expect(render({ statusCode: 204 }, request)).toEqual({ statusCode: 204 });
});

test("headers of one name in two spellings are one header with two values where lists are joined", () => {
  const response = { statusCode: 200, headers: { Vary: "a", vary: "b" }, multiValueHeaders: {} };
  expect(render(response, HTTP_API).headers).toEqual({ Vary: "a, b" });
});

test.each([
  ["an HTTP API", HTTP_API],
  ["a REST API", REST_API],
  ["a load balancer", ALB],
  ["a load balancer with lists", ALB_LISTS],
])("for %s rendering twice changes nothing", (_name, request) => {
  const name = fc.constantFrom("a", "A", "Set-Cookie", "set-cookie");
  const response = fc.record(
    {
      statusCode: fc.constant(200),
      headers: fc.dictionary(name, fc.string()),
      multiValueHeaders: fc.dictionary(name, fc.array(fc.string())),
      cookies: fc.array(fc.string()),
    },
    { requiredKeys: ["statusCode"] },
  );
  fc.assert(
    fc.property(response, (one) => {
      const rendered = render(one, request);
      expect(render(rendered, request)).toEqual(rendered);
    }),
  );
});

describe("the marker of a replay", () => {
  test("replaces a header of its name, in any form and spelling", () => {
    const response = {
      statusCode: 200,
      headers: { "IDEMPOTENT-REPLAYED": "no" },
      multiValueHeaders: { "idempotent-replayed": ["no"], a: ["1"] },
    };
    expect(renderMarked(response, REST_API, "Idempotent-Replayed")).toEqual({
      statusCode: 200,
      headers: { "Idempotent-Replayed": "true" },
      multiValueHeaders: { a: ["1"] },
    });
  });

  test("is in the lists for a load balancer that reads lists only", () => {
    const response = { statusCode: 409, headers: { "retry-after": "1" } };
    expect(renderMarked(response, ALB_LISTS, "Replayed").multiValueHeaders).toEqual({
      "retry-after": ["1"],
      Replayed: ["true"],
    });
  });

  test("is absent if the profile has none", () => {
    expect(renderMarked({ statusCode: 200 }, HTTP_API, undefined)).toEqual({ statusCode: 200 });
  });
});
