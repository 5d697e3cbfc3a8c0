import { describe, expect, test } from "@jest/globals";
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyWithCognitoAuthorizerEvent,
} from "aws-lambda";
import { readRequest } from "../../lib/http/request.ts";
import { idempotent } from "../../lib/index.ts";
import {
  albEvent,
  functionUrlEvent,
  type HttpRequestParts,
  httpApiEvent,
  restApiEvent,
  testContext,
  testStore,
  vpcLatticeEvent,
} from "../../lib/testing/index.ts";

const BUILDERS = {
  "HTTP API": (request?: HttpRequestParts) => httpApiEvent(request),
  "REST API": (request?: HttpRequestParts) => restApiEvent(request),
  "function URL": (request?: HttpRequestParts) => functionUrlEvent(request),
  "load balancer": (request?: HttpRequestParts) => albEvent(request),
  "load balancer with multi-value headers": (request?: HttpRequestParts) =>
    albEvent(request, { multiValueHeaders: true }),
  "VPC Lattice": (request?: HttpRequestParts) => vpcLatticeEvent(request),
};
const ALL = Object.entries(BUILDERS);
const ROUTED = ALL.slice(0, 2);

describe.each(ALL)("the event of %s", (name, create) => {
  test("is read as the request that was sent", () => {
    const request = readRequest(
      create({
        method: "PUT",
        path: "/transfers/t%401",
        query: "note=a%20b&dry=1",
        headers: { "X-Trace": "t-1" },
        key: "k-1",
        body: { amountMinor: 2500 },
      }),
    );
    expect(request).toMatchObject({
      method: "PUT",
      path: "/transfers/t%401",
      body: '{"amountMinor":2500}',
    });
    expect(request.queryParameter("note")).toEqual(["a b"]);
    expect(request.queryParameter("dry")).toEqual(["1"]);
    expect(request.header("idempotency-key")).toEqual(["k-1"]);
    expect(request.header("content-type")).toEqual(["application/json"]);
    expect(request.header("x-trace")).toEqual(["t-1"]);
  });

  test("is a POST to / without key and body, unless it is told otherwise", () => {
    const request = readRequest(create());
    expect(request).toMatchObject({ method: "POST", path: "/", body: "" });
    expect(request.header("idempotency-key")).toEqual([]);
    expect(request.header("content-type")).toEqual([]);
  });

  test("has bytes in Base64, texts as they are, and a content type that was given", () => {
    expect(readRequest(create({ body: new Uint8Array([0, 255]) })).body).toEqual(
      Buffer.from([0, 255]),
    );
    expect(readRequest(create({ body: "a=1" })).body).toBe("a=1");
    const typed = create({ headers: { "content-type": "application/vnd.api+json" }, body: [] });
    expect(readRequest(typed).header("content-type")).toEqual(["application/vnd.api+json"]);
  });

  test("has all values of a header and of a parameter that its service passes on", () => {
    const request = readRequest(
      create({ headers: { "x-tag": ["a", "b"] }, query: { tag: ["a", "b c"], none: [] } }),
    );
    const isSingle = name === "load balancer";
    expect(request.header("x-tag").join()).toBe(isSingle ? "b" : "a,b");
    expect(request.queryParameter("tag")).toEqual(isSingle ? ["b+c"] : ["a", expect.anything()]);
  });

  test("is the same for a repeat, which gets the first response", async () => {
    let runs = 0;
    const handler = idempotent(async () => ({ statusCode: 201, body: String(++runs) }), {
      ...{ store: testStore(), singleTenant: true, operation: "create transfer" },
    });
    const request = { path: "/transfers", key: "k-1", body: { amountMinor: 2500 } };
    const first = (await handler(create(request) as never, testContext())) as object;
    const repeat = await handler(create(request) as never, testContext());
    expect(first).toMatchObject({ statusCode: 201, body: "1" });
    expect(repeat).toMatchObject({ statusCode: 201, body: "1" });
    const other = { ...request, body: { amountMinor: 1 } };
    expect(await handler(create(other) as never, testContext())).toMatchObject({ statusCode: 422 });
  });
});

describe.each(ROUTED)("the route of %s", (_, create) => {
  test("has the parameters that the path holds", () => {
    const request = readRequest(
      create({ route: "/wallets/{id}/files/{name+}", path: "/wallets/w%401/files/a/b" }),
    );
    expect(request.route).toBe("POST /wallets/{id}/files/{name+}");
    expect(request.path).toBe("/wallets/w%401/files/a/b");
    expect(request.pathParameter("id")).toBe("w@1");
    expect(request.pathParameter("name")).toBe("a/b");
  });

  test("is the path of a request that names no other", () => {
    expect(readRequest(create({ route: "/transfers" })).path).toBe("/transfers");
  });

  test.each([
    ["/wallets/{id}", "/wallets"],
    ["/wallets/{id}", undefined],
    ["/wallets/{id}", "/wallets/1/transfers"],
    ["/wallets/{id}", "/transfers/1"],
  ])("%s is refused with the path %s", (route, path) => {
    expect(() => create({ route, path })).toThrow(TypeError);
  });
});

describe("an HTTP API", () => {
  test("resolves escapes, joins values, and has cookies apart", () => {
    const event: APIGatewayProxyEventV2 = httpApiEvent({
      path: "/a%20b",
      query: { tag: ["x", "y"] },
      headers: { Cookie: "session=s-1; theme=dark", "X-Tag": ["1", "2"] },
    });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "POST /a b",
      rawPath: "/a b",
      rawQueryString: "tag=x&tag=y",
      queryStringParameters: { tag: "x,y" },
      cookies: ["session=s-1", "theme=dark"],
      headers: { "x-tag": "1,2" },
      requestContext: { stage: "$default", http: { method: "POST", path: "/a b" } },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty("cookie");
  });

  test("leaves out the members that a request without them does not have", () => {
    const event = httpApiEvent();
    const members = ["body", "cookies", "pathParameters", "queryStringParameters"];
    expect(members.filter((name) => name in event)).toEqual([]);
    expect("authorizer" in event.requestContext).toBe(false);
  });

  test("has a catch-all route and the context of an authorizer", () => {
    const event: APIGatewayProxyEventV2WithJWTAuthorizer = httpApiEvent({
      route: "$default",
      path: "/transfers",
      claims: { sub: "alice" },
    });
    const custom = httpApiEvent({ authorizer: { lambda: { accountId: "a-1" } } });
    expect(event.routeKey).toBe("$default");
    expect(readRequest(event).route).toBe("$default");
    expect(event.requestContext.authorizer).toEqual({
      jwt: { claims: { sub: "alice" }, scopes: null },
    });
    expect(custom.requestContext.authorizer.lambda.accountId).toBe("a-1");
  });
});

test("a function URL keeps the escapes, has no route, and may have an IAM authorizer", () => {
  const event = functionUrlEvent({ path: "/a%20b", authorizer: { iam: { userArn: "arn" } } });
  expect(event).toMatchObject({
    routeKey: "$default",
    rawPath: "/a%20b",
    requestContext: { authorizer: { iam: { userArn: "arn" } } },
  });
  expect(event.requestContext.domainName).toContain(".lambda-url.");
});

test("a REST API has both kinds of maps, its stage, and null where there is nothing", () => {
  const event: APIGatewayProxyWithCognitoAuthorizerEvent = restApiEvent({
    path: "/transfers",
    query: "a=1&a=2",
    headers: { "X-Tag": ["1", "2"] },
    claims: { sub: "alice" },
  });
  expect(event).toMatchObject({
    resource: "/transfers",
    headers: { "X-Tag": "2" },
    multiValueHeaders: { "X-Tag": ["1", "2"] },
    queryStringParameters: { a: "2" },
    multiValueQueryStringParameters: { a: ["1", "2"] },
    pathParameters: null,
    body: null,
    requestContext: {
      path: "/prod/transfers",
      stage: "prod",
      authorizer: { claims: { sub: "alice" } },
    },
  });
  const custom = restApiEvent({ authorizer: { principalId: "alice" } });
  expect(custom.requestContext.authorizer.principalId).toBe("alice");
  const bare: APIGatewayProxyEvent = restApiEvent();
  expect(bare.multiValueQueryStringParameters).toBeNull();
});

test("a load balancer passes escapes on, and has one kind of maps, as its target group is set", () => {
  const request = { query: "note=a%20b", headers: { "X-Tag": "1" } };
  const single: ALBEvent = albEvent(request);
  expect(single).toMatchObject({
    headers: { "x-tag": "1" },
    queryStringParameters: { note: "a%20b" },
    body: "",
  });
  expect(single).not.toHaveProperty("multiValueHeaders");
  const multi = albEvent(request, { multiValueHeaders: true });
  expect(multi.multiValueQueryStringParameters).toEqual({ note: ["a%20b"] });
  expect(multi).not.toHaveProperty("headers");
});

test("VPC Lattice has lists, and names an authenticated caller", () => {
  expect(vpcLatticeEvent({ query: "a=1", principal: "arn:aws:iam::1:role/payer" })).toMatchObject({
    version: "2.0",
    queryStringParameters: { a: ["1"] },
    requestContext: { identity: { type: "AWS_IAM", principal: "arn:aws:iam::1:role/payer" } },
  });
  expect(vpcLatticeEvent()).not.toHaveProperty("queryStringParameters");
});
