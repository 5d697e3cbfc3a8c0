import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readRequest } from "../../lib/http/request.ts";
import { anyText } from "../support/any-text.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";

const readPath = (event: object) => readRequest(event).path;

/** A REST API's event, as it arrives through a domain. */
function rest(resource: string, pathParameters: object | null, path: string, context: object = {}) {
  const event = restApiEvent({ resource, path });
  return { ...event, pathParameters, requestContext: { ...event.requestContext, ...context } };
}

/** An HTTP API's event. */
function http(
  routeKey: string,
  pathParameters: object | undefined,
  path: string,
  stage = "$default",
) {
  const event = httpApiEvent({ path });
  return { ...event, routeKey, pathParameters, requestContext: { ...event.requestContext, stage } };
}

describe("one request has one path", () => {
  const PATH = "/wallets/w-1/transfers";

  test.each<[string, object]>([
    ["a route", rest("/wallets/{id}/transfers", { id: "w-1" }, PATH)],
    ["a renamed parameter", rest("/wallets/{walletId}/transfers", { walletId: "w-1" }, PATH)],
    ["a catch-all", rest("/{proxy+}", { proxy: "wallets/w-1/transfers" }, PATH)],
    ["a catch-all below", rest("/wallets/{proxy+}", { proxy: "w-1/transfers" }, PATH)],
    ["a trailing slash", rest("/wallets/{id}/transfers", { id: "w-1" }, `${PATH}/`)],
    [
      "a trailing slash in a catch-all",
      rest("/{proxy+}", { proxy: "wallets/w-1/transfers/" }, `${PATH}/`),
    ],
    [
      "a custom domain with a base path",
      rest("/wallets/{id}/transfers", { id: "w-1" }, `/v1${PATH}`, { path: `/v1${PATH}` }),
    ],
    [
      "a custom domain with a base path, and a catch-all",
      rest("/{proxy+}", { proxy: "wallets/w-1/transfers" }, `/v1/nested${PATH}`),
    ],
    [
      "a custom domain that leaves the stage to the client, without parameters in the event",
      rest("/{proxy+}", null, `/prod${PATH}`, { path: `/prod${PATH}`, stage: "prod" }),
    ],
    ["an event without a resource", { ...rest("", null, PATH), resource: undefined }],
  ])("of a REST API through %s", (_name, event) => {
    expect(readPath(event)).toBe(PATH);
  });

  test.each<[string, object]>([
    ["a route", http("POST /wallets/{id}/transfers", { id: "w-1" }, PATH)],
    ["a route of any method", http("ANY /wallets/{id}/transfers", { id: "w-1" }, PATH)],
    ["a renamed parameter", http("POST /wallets/{w}/transfers", { w: "w-1" }, PATH)],
    ["a catch-all", http("POST /{proxy+}", { proxy: "wallets/w-1/transfers" }, PATH)],
    ["the default route", http("$default", undefined, PATH)],
    ["a stage", http("POST /wallets/{id}/transfers", { id: "w-1" }, `/prod${PATH}`, "prod")],
    ["a stage and the default route", http("$default", undefined, `/prod${PATH}`, "prod")],
    [
      "a stage, a default route and a trailing slash",
      http("$default", {}, `/prod${PATH}/`, "prod"),
    ],
  ])("of an HTTP API through %s", (_name, event) => {
    expect(readPath(event)).toBe(PATH);
  });

  test.each<[string, object]>([
    ["a function URL", functionUrlEvent({ path: `${PATH}/` })],
    ["a load balancer", albEvent({ path: `${PATH}/` })],
    ["VPC Lattice", vpcLatticeEvent({ path: `${PATH}/` })],
  ])("of %s, with a slash at the end", (_name, event) => {
    expect(readPath(event)).toBe(PATH);
  });
});

describe("the stage", () => {
  test("is nothing but a whole first segment", () => {
    expect(readPath(http("$default", undefined, "/production/x", "prod"))).toBe("/production/x");
    expect(readPath(http("$default", undefined, "/prod", "prod"))).toBe("/");
    expect(readPath(http("$default", undefined, "/prod/prod/x", "prod"))).toBe("/prod/x");
    expect(readPath(http("$default", undefined, "/x", 7 as never))).toBe("/x");
  });

  test("is part of a REST API's path where its context has it once more", () => {
    const context = { path: "/prod/prod/x", stage: "prod" };
    expect(readPath(rest("/{proxy+}", null, "/prod/x", context))).toBe("/prod/x");
  });
});

describe("percent escapes", () => {
  test.each([
    ["a load balancer's", (path: string) => albEvent({ path })],
    ["VPC Lattice's", (path: string) => vpcLatticeEvent({ path })],
    ["an event's without a domain", (path: string) => functionUrlEvent({ path })],
    ["a REST API's", (path: string) => rest("/{proxy+}", { proxy: path.slice(1) }, path)],
    [
      "a function URL's",
      (path: string) => {
        const event = functionUrlEvent({ path });
        const domainName = "abc.lambda-url.eu-central-1.on.aws";
        return { ...event, requestContext: { ...event.requestContext, domainName } };
      },
    ],
  ])(
    "of %s path are equal in every spelling, and no two segments collide",
    (_name, createEvent) => {
      const read = (path: string) => readPath(createEvent(path));
      expect(read("/a%7eb")).toBe(read("/a~b"));
      expect(read("/%e4%bd%a0")).toBe(read("/%E4%BD%A0"));
      expect(read("/a b")).toBe(read("/a%20b"));
      const all = [
        "/a/b",
        "/a%2Fb",
        "/a%252Fb",
        "/%FF",
        "/%25FF",
        "/%fe",
        "/%",
        "/%25",
        "/a+b",
        "/a b",
      ];
      expect(new Set(all.map(read)).size).toBe(all.length);
    },
  );

  test("of an HTTP API's path arrive resolved, and are not resolved again", () => {
    const read = (id: string) => readPath(http("POST /w/{id}", { id }, `/w/${id}`));
    const raw = (path: string) => {
      const event = http("$default", undefined, path);
      const requestContext = { ...event.requestContext, domainName: "api.example.com" };
      return readPath({ ...event, requestContext });
    };
    expect(new Set(["%40", "@", "a/b", "a%2Fb"].map(read)).size).toBe(4);
    expect(new Set(["/%40", "/@"].map(raw)).size).toBe(2);
    const format1 = (id: string) => ({ ...rest("/w/{id}", { id }, `/w/${id}`), version: "1.0" });
    expect(readPath(format1("%40"))).not.toBe(readPath(format1("@")));
  });

  test("of a path parameter are resolved just as often", () => {
    const read = (event: object) => readRequest(event).pathParameter("id");
    expect(read(rest("/w/{id}", { id: "a%40b" }, "/w/a%40b"))).toBe("a@b");
    expect(read(rest("/w/{id}", { id: "%FF" }, "/w/%FF"))).toBe("\uFFFD");
    expect(read(http("POST /w/{id}", { id: "a%40b" }, "/w/a%40b"))).toBe("a%40b");
  });

  test.each([
    ["a%2540", "a%40"],
    ["a%2540", "a%252540"],
    ["100%25", "100%2525"],
    ["a%2Fb", "a%252Fb"],
  ])(
    "of a path parameter that a parser in front has resolved are not resolved again: %s, %s",
    (...sent) => {
      const [one = "", other = ""] = sent.map((id) => {
        const parsed = rest("/w/{id}", { id: decodeURIComponent(id) }, `/v1/w/${id}/`);
        const request = readRequest(parsed);
        expect(request.pathParameter("id")).toBe(decodeURIComponent(id));
        expect(request.path).toBe(readPath(rest("/w/{id}", { id }, `/w/${id}`)));
        return request.path;
      });
      expect(one).not.toBe(other);
    },
  );

  test("a parameter is one segment, with any content", () => {
    const parameter = anyText({ minLength: 1 });
    fc.assert(
      fc.property(parameter, parameter, (id, other) => {
        const path = readPath(http("POST /w/{id}/t", { id }, "/w/x/t"));
        expect(path.split("/")).toHaveLength(4);
        fc.pre(id !== other);
        expect(readPath(http("POST /w/{id}/t", { id: other }, "/w/x/t"))).not.toBe(path);
      }),
    );
  });
});

test("a path of nothing but slashes is read in linear time", () => {
  const path = `${"/".repeat(500_000)}a`;
  const startMs = performance.now();
  expect(readPath(albEvent({ path }))).toBe(path);
  expect(readPath(albEvent({ path: "/".repeat(500_000) }))).toBe("/");
  expect(performance.now() - startMs).toBeLessThan(3_000);
});
