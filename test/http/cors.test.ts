import { describe, expect, test } from "@jest/globals";
import { forOrigin } from "../../lib/http/cors.ts";
import { renderMarked } from "../../lib/http/render.ts";
import { readRequest } from "../../lib/http/request.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { readStoredResponse } from "../../lib/http/stored-response.ts";
import { httpApiEvent } from "../support/events.ts";

const SHOP = "https://shop.example";
const OFFICE = "https://office.example";

const from = (origin?: string) =>
  readRequest(httpApiEvent({ headers: origin === undefined ? {} : { Origin: origin } }));

const headersFor = (origin: string | undefined, headers: Record<string, string>) =>
  forOrigin({ statusCode: 201, headers }, from(origin)).headers;

const multiValueHeadersFor = (origin: string, multiValueHeaders: Record<string, string[]>) =>
  forOrigin({ statusCode: 201, multiValueHeaders }, from(origin)).multiValueHeaders;

describe("a stored response stays unchanged", () => {
  test.each<[string, string | undefined, Record<string, string>]>([
    ["for the page that it names", SHOP, { "access-control-allow-origin": SHOP }],
    ["for a page without an origin of its own", "null", { "access-control-allow-origin": "null" }],
    ["for every page, where it allows all", OFFICE, { "access-control-allow-origin": "*" }],
    ["without headers of CORS", OFFICE, { location: "/transfers/1" }],
    ["for a client that is no page", undefined, { "access-control-allow-origin": SHOP }],
    [
      "in headers that name no page",
      OFFICE,
      {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Location",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Idempotency-Key",
        "Access-Control-Max-Age": "600",
        Vary: "Accept",
      },
    ],
  ])("%s", (_name, origin, headers) => {
    expect(headersFor(origin, headers)).toEqual(headers);
  });

  test("without any headers", () => {
    const response: HttpResponse = { statusCode: 204 };
    expect(forOrigin(response, from(SHOP))).toEqual({ statusCode: 204 });
  });
});

describe("another page's origin is removed, with its credentials, and the response varies:", () => {
  test.each<[string, Record<string, string>, object]>([
    ["in lower case", { "access-control-allow-origin": SHOP }, { Vary: "Origin" }],
    [
      "in any case",
      {
        "ACCESS-CONTROL-ALLOW-ORIGIN": SHOP,
        "Access-Control-Allow-Credentials": "true",
        Location: "/transfers/1",
      },
      { Location: "/transfers/1", Vary: "Origin" },
    ],
    [
      "twice, in two cases",
      { "access-control-allow-origin": OFFICE, "Access-Control-Allow-Origin": SHOP },
      { Vary: "Origin" },
    ],
    [
      "beside another Vary",
      { "access-control-allow-origin": SHOP, vary: "Accept" },
      { vary: "Accept, Origin" },
    ],
    [
      "where it varied already",
      { "access-control-allow-origin": SHOP, vary: "accept, ORIGIN" },
      { vary: "accept, ORIGIN" },
    ],
    ["where it is never cached", { "access-control-allow-origin": SHOP, vary: "*" }, { vary: "*" }],
    [
      "as a list, which no browser reads",
      { "access-control-allow-origin": `${SHOP}, ${OFFICE}` },
      { Vary: "Origin" },
    ],
    [
      "as a part of another",
      { "access-control-allow-origin": `${OFFICE}.evil` },
      { Vary: "Origin" },
    ],
    [
      "Access-Control-Expose-Headers stays",
      {
        "access-control-allow-origin": SHOP,
        "access-control-expose-headers": "Location",
      },
      { "access-control-expose-headers": "Location", Vary: "Origin" },
    ],
  ])("%s", (_name, headers, expected) => {
    expect(headersFor(OFFICE, headers)).toEqual(expected);
  });

  test("in headers of several values", () => {
    const headers = {
      "access-control-allow-origin": [SHOP],
      "access-control-allow-credentials": ["true"],
      vary: ["Accept"],
      location: ["/transfers/1"],
    };
    expect(multiValueHeadersFor(OFFICE, headers)).toEqual({
      vary: ["Accept", "Origin"],
      location: ["/transfers/1"],
    });
    expect(multiValueHeadersFor(SHOP, headers)).toEqual(headers);
  });
});

describe("headers in both forms are read as one response:", () => {
  const mixed = {
    statusCode: 201,
    headers: { "Access-Control-Allow-Origin": SHOP, Location: "/transfers/1" },
    multiValueHeaders: { "access-control-allow-credentials": ["true"], vary: ["Accept"] },
  };

  test("credentials are removed with the origin, and Vary changes in its own form", () => {
    expect(forOrigin(mixed, from(OFFICE))).toEqual({
      statusCode: 201,
      headers: { Location: "/transfers/1" },
      multiValueHeaders: { vary: ["Accept", "Origin"] },
    });
  });

  test("an origin in both forms is kept only if both are this page's", () => {
    const twice = { ...mixed, multiValueHeaders: { "access-control-allow-origin": [OFFICE] } };
    expect(forOrigin(twice, from(OFFICE)).multiValueHeaders).toEqual({});
    expect(forOrigin(mixed, from(SHOP))).toEqual(mixed);
  });
});

test("a request with several origins matches none of them", () => {
  const request = { header: () => [SHOP, OFFICE] };
  const headers = { "access-control-allow-origin": SHOP };
  expect(forOrigin({ statusCode: 201, headers }, request).headers).toEqual({ Vary: "Origin" });
});

test("the marker of a replay does not displace the headers that it keeps", () => {
  const text = JSON.stringify({
    statusCode: 201,
    headers: { "access-control-allow-origin": SHOP },
  });
  const request = from(OFFICE);
  const replay = forOrigin(readStoredResponse(text), request);
  expect(renderMarked(replay, request, "Idempotent-Replayed").headers).toEqual({
    Vary: "Origin",
    "Idempotent-Replayed": "true",
  });
});
