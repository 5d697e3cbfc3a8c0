import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { writeAssembly } from "./fixture-assembly.ts";

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(), port: 0 });
});
afterAll(async () => cloud.close());

const request = (path: string, init?: RequestInit) => fetch(cloud.url + path, init);

async function requestEvent(path: string, init?: RequestInit) {
  const response = await request(path, init);
  expect(response.status).toBe(200);
  return await response.json();
}

/** The client's response to a result of the function. */
const answering = (result: unknown) =>
  request("/answer", { method: "POST", headers: JSON_TYPE, body: JSON.stringify(result) });

const JSON_TYPE = { "content-type": "application/json" };

test("the event has the shape of payload format 2.0", async () => {
  const event = await requestEvent("/echo?a=1&a=2&b=x%20y", {
    method: "POST",
    headers: { ...JSON_TYPE, "user-agent": "a test", cookie: "one=1; two=2", "X-Thing": "Thing" },
    body: '{"hello":"wörld"}',
  });
  const host = new URL(cloud.url).host;
  expect(event).toEqual({
    version: "2.0",
    routeKey: "POST /echo",
    rawPath: "/echo",
    rawQueryString: "a=1&a=2&b=x%20y",
    cookies: ["one=1", "two=2"],
    queryStringParameters: { a: "1,2", b: "x y" },
    headers: expect.objectContaining({
      host,
      "content-type": "application/json",
      "x-thing": "Thing",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": host.split(":")[1],
      "x-forwarded-proto": "http",
    }),
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      domainName: "api.execute-api.us-east-1.amazonaws.com",
      domainPrefix: "api",
      http: {
        method: "POST",
        path: "/echo",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "a test",
      },
      requestId: expect.stringMatching(/^[\w-]{15}=$/),
      routeKey: "POST /echo",
      stage: "$default",
      time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
      timeEpoch: expect.any(Number),
    },
    body: '{"hello":"wörld"}',
    isBase64Encoded: false,
  });
});

test("a header that comes twice is joined with a comma", async () => {
  const headers = new Headers({ "Idempotency-Key": "a" });
  headers.append("Idempotency-Key", "b");
  const event = await requestEvent("/items/1", { headers });
  expect(event).toMatchObject({ headers: { "idempotency-key": expect.stringMatching(/^a, ?b$/) } });
});

test.each(["application/octet-stream", "application/x-www-form-urlencoded"])(
  "a body of type %s comes in base64",
  async (type) => {
    const body = Buffer.from([0xff, 0x00, 0x61]);
    const event = await requestEvent("/echo", {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    expect(event).toMatchObject({ body: body.toString("base64"), isBase64Encoded: true });
  },
);

test.each<[string, Record<string, string>, number[]]>([
  ["is encoded", { "content-encoding": "gzip" }, [0x61]],
  ["is no UTF-8", {}, [0xff, 0x61]],
])("a body that says it is JSON and %s comes in base64", async (_why, headers, bytes) => {
  const body = Buffer.from(bytes);
  const event = await requestEvent("/echo", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  expect(event).toMatchObject({ body: body.toString("base64"), isBase64Encoded: true });
});

test("without body, query, cookies and parameters the event lacks those members", async () => {
  const event = await requestEvent("/echo", { method: "POST" });
  for (const member of ["body", "cookies", "queryStringParameters", "pathParameters"]) {
    expect(event).not.toHaveProperty(member);
  }
});

test("routes are deployed under other keys, from the next request on", async () => {
  const rename = (from: string, to: string) =>
    cloud.renameRoutes((routeKey) => (routeKey === from ? to : routeKey));
  const { routeKey } = (await requestEvent("/items/1")) as { routeKey: string };
  const renamed = "GET /items/{other}";
  rename(routeKey, renamed);
  expect(await requestEvent("/items/1")).toMatchObject({
    routeKey: renamed,
    pathParameters: { other: "1" },
  });
  rename(renamed, routeKey);
});

test("path parameters are decoded, and a greedy one takes the rest", async () => {
  expect(await requestEvent("/items/a%20b")).toMatchObject({
    rawPath: "/items/a b",
    pathParameters: { id: "a b" },
  });
  expect(await requestEvent("/files/a/b/c", { method: "PUT" })).toMatchObject({
    routeKey: "ANY /files/{path+}",
    pathParameters: { path: "a/b/c" },
  });
});

test("the literal route is taken before the one with a parameter", async () => {
  expect(await requestEvent("/items/special")).toHaveProperty("invocations");
});

test.each(["/nowhere", "/items", "/items/1/2", "/echo"])("GET %s is not found", async (path) => {
  const response = await request(path);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ message: "Not Found" });
});

test("an authorizer is not called without its identity source", async () => {
  const response = await request("/guarded");
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ message: "Unauthorized" });
  expect(cloud.functions.list().map(({ logicalId }) => logicalId)).not.toContain("Authorize");
});

test("an authorizer that says no gives a 403", async () => {
  const response = await request("/guarded", { headers: { authorization: "please" } });
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual({ message: "Forbidden" });
});

test("an authorizer that fails gives a 500", async () => {
  const response = await request("/guarded", { headers: { authorization: "break" } });
  expect(response.status).toBe(500);
});

test("an authorizer's context reaches the function, and it has seen the request", async () => {
  const event = await requestEvent("/guarded?a=1", { headers: { authorization: "let me in" } });
  expect(event).toMatchObject({
    requestContext: {
      authorizer: {
        lambda: {
          holder: "alice",
          event: {
            version: "2.0",
            type: "REQUEST",
            routeKey: "GET /guarded",
            routeArn: "arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/guarded",
            identitySource: ["let me in"],
            queryStringParameters: { a: "1" },
          },
        },
      },
    },
  });
});

test("a result with a status code is taken as it says", async () => {
  const response = await answering({
    statusCode: 201,
    headers: { Location: "/there", "X-Count": 1 },
    cookies: ["one=1; Secure", "two=2"],
    body: Buffer.from([1, 2]).toString("base64"),
    isBase64Encoded: true,
  });
  expect(response.status).toBe(201);
  expect(response.headers.get("location")).toBe("/there");
  expect(response.headers.get("x-count")).toBe("1");
  expect(response.headers.get("content-type")).toBe("text/plain;charset=utf-8");
  expect(response.headers.getSetCookie()).toEqual(["one=1; Secure", "two=2"]);
  expect([...(await response.bytes())]).toEqual([1, 2]);
});

test.each([{ hello: "world" }, "text", [1], null])(
  "a result without one is a 200: %j",
  async (result) => {
    const response = await answering(result);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe(
      typeof result === "string" ? result : JSON.stringify(result),
    );
  },
);

test.each([{ statusCode: "many" }, { statusCode: 99 }, { statusCode: 200, body: { not: "text" } }])(
  "an invalid result is a 500: %j",
  async (result) => {
    const response = await answering(result);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal Server Error" });
  },
);

test.each([7, 10.5])("a body of %d MB is too large", async (megabytes) => {
  const body = "x".repeat(megabytes * 1024 * 1024);
  const response = await request("/echo", {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body,
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({ message: "Request Entity Too Large" });
});
