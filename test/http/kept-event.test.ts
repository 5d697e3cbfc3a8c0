import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { keptEvent, type NamedMembers } from "../../lib/http/kept-event.ts";
import { pointerTree } from "../../lib/http/pointer-tree.ts";
import { readRequest } from "../../lib/http/request.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";

function named({
  headers = [],
  query = [],
  authorizer = [],
}: {
  headers?: string[];
  query?: string[];
  authorizer?: string[];
} = {}): NamedMembers {
  return {
    headers: new Set(headers),
    query: new Set(query),
    authorizer: pointerTree(authorizer),
  };
}

const SECRETS = {
  Authorization: "Bearer secret",
  Cookie: "session=secret",
  "X-Api-Key": "secret",
  "X-Card-Number": "4111 secret",
  "X-Amzn-Oidc-Data": "secret",
};
const PARTS = {
  path: "/wallets/w%2F1/transfers",
  resource: "/wallets/{id}/transfers",
  key: "secret-key",
  query: "token=secret&currency=EUR&%63urrency=USD&card=secret",
  headers: { ...SECRETS, "Content-Encoding": "identity", "X-Trace": "trace" },
};

/** Members that AWS or a middleware in front adds, none of which reading needs. */
const MORE = {
  stageVariables: { password: "secret" },
  cookies: ["session=secret"],
  rawHeaders: { Authorization: "secret" },
  rawMultiValueHeaders: { Authorization: ["secret"] },
  rawBody: '{"amountMinor":2500}',
  attributes: { MessageGroupId: "secret" },
  session: "secret",
};
const CONTEXT = {
  accountId: "secret",
  apiId: "secret",
  identity: { apiKey: "secret", sourceIp: "secret", userArn: "secret" },
  authentication: { clientCert: { subjectDN: "secret" } },
  authorizer: {
    principalId: "alice",
    claims: { sub: "alice", email: "secret" },
    lambda: { token: "secret" },
  },
  requestId: "secret",
};

function withMore(event: object): object {
  const { requestContext = {} } = event as { requestContext?: object };
  return {
    ...event,
    ...MORE,
    pathParameters: { id: "w%2F1" },
    requestContext: { ...CONTEXT, ...requestContext },
  };
}

const v1 = { ...restApiEvent(PARTS), version: "1.0" };
describe.each<[string, object]>([
  ["an HTTP API", httpApiEvent(PARTS)],
  ["an HTTP API in format 1.0", v1],
  ["a function URL", functionUrlEvent(PARTS)],
  ["a REST API", restApiEvent(PARTS)],
  ["a load balancer", albEvent(PARTS)],
  ["a load balancer with lists of headers", albEvent(PARTS, true)],
  ["VPC Lattice", vpcLatticeEvent(PARTS)],
])("of the event of %s", (_name, plain) => {
  const event = withMore(plain);
  const kept = keptEvent(event, named());

  test("no header but the body's, no query, no stage variable and no authentication is kept", () => {
    const text = JSON.stringify(kept);
    expect(text).not.toMatch(/secret|trace|EUR|USD|alice/i);
    expect(text).toMatch(/content-type.*content-encoding/i);
  });

  test("everything that reading the request needs is kept", () => {
    const [before, after] = [readRequest(event), readRequest(kept)];
    for (const member of ["format", "method", "path", "route", "body"] as const) {
      expect(after[member]).toEqual(before[member]);
    }
    expect(after.readsMultiValueHeadersOnly).toBe(before.readsMultiValueHeadersOnly);
    expect(after.pathParameter("id")).toBe(before.pathParameter("id"));
    for (const header of ["content-type", "content-encoding"]) {
      expect(after.header(header)).toEqual(before.header(header));
    }
    expect(after.query).toEqual([]);
  });

  test("named headers, parameters and authorizer members are kept, and nothing else", () => {
    const members = { headers: ["x-trace"], query: ["currency"], authorizer: ["/claims/sub"] };
    const more = keptEvent(event, named(members));
    expect(JSON.stringify(more)).not.toMatch(/secret/i);
    const [before, after] = [readRequest(event), readRequest(more)];
    expect(after.header("x-trace")).toEqual(["trace"]);
    expect(after.queryParameter("currency")).toEqual(before.queryParameter("currency"));
    expect(after.queryParameter("currency")).not.toEqual([]);
    expect(more).toMatchObject({ requestContext: { authorizer: { claims: { sub: "alice" } } } });
  });

  test("a kept event has itself as its kept event", () => {
    expect(keptEvent(kept, named())).toEqual(kept);
    expect(JSON.stringify(keptEvent(JSON.parse(JSON.stringify(kept)), named()))).toBe(
      JSON.stringify(kept),
    );
  });
});

test("an authorizer member at a pointer is kept whole; missing members are left out", () => {
  const requestContext = { authorizer: { a: { "b/c": { d: [1] } }, e: 1, list: [1] } };
  const event = { ...httpApiEvent(), requestContext };
  const kept = (...authorizer: string[]) =>
    (keptEvent(event, named({ authorizer })) as { requestContext: { authorizer?: unknown } })
      .requestContext.authorizer;
  expect(kept("/a/b~1c", "/x", "/e/f")).toEqual({ a: { "b/c": { d: [1] } } });
  expect(kept("/x", "/a/toString", "/e/f")).toBeUndefined();
  expect(kept()).toBeUndefined();
});

test("an event without headers and context is kept", () => {
  expect(keptEvent({ body: "{}", headers: null }, named())).toEqual({
    body: "{}",
    isBase64Encoded: false,
  });
});

test("members of other types than AWS sends are not kept", () => {
  const event = { ...httpApiEvent(), version: 2, requestContext: { stage: {}, http: { path: 1 } } };
  const kept = keptEvent(event, named());
  expect(kept).not.toHaveProperty("version");
  expect(kept).toHaveProperty("requestContext", { http: {} });
});

test.each([
  ["text", '{"a":1}', { body: '{"a":1}', isBase64Encoded: false }],
  ["bytes", Buffer.from('{"a":1}'), { body: btoa('{"a":1}'), isBase64Encoded: true }],
])(
  "a body that a parser has replaced is kept as the %s that arrived",
  (_name, rawBody, expected) => {
    const kept = keptEvent({ ...httpApiEvent(), body: { a: 1 }, rawBody }, named());
    expect(kept).toMatchObject(expected);
    expect(kept).not.toHaveProperty("rawBody");
  },
);

test.each([null, undefined])(
  "a body that a parser has taken away (%s) is kept as it arrived",
  (body) => {
    const kept = keptEvent({ ...httpApiEvent(), body, rawBody: '{"a":1}' }, named());
    expect(kept).toHaveProperty("body", '{"a":1}');
  },
);

test.each([
  [null, { body: null, isBase64Encoded: false }],
  [undefined, {}],
])("a request without a body (%s) is kept without one", (body, expected) => {
  const { body: _, isBase64Encoded: __, ...rest } = httpApiEvent();
  expect(keptEvent({ ...rest, body }, named())).toEqual({
    ...(keptEvent(rest, named()) as object),
    ...expected,
  });
});

test("bytes in base64 stay base64", () => {
  const kept = keptEvent(httpApiEvent({ body: new Uint8Array([255, 0]) }), named());
  expect(kept).toMatchObject({ body: "/wA=", isBase64Encoded: true });
});

test("of a query string only pairs with named names are kept, in the spelling that arrived", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "%61", "%zz", "+", "=", "&", "[]") });
  fc.assert(
    fc.property(text, (rawQueryString) => {
      const kept = keptEvent({ ...httpApiEvent(), rawQueryString }, named({ query: ["a"] }));
      const sent = [...new URLSearchParams(`&${rawQueryString}`)];
      const { rawQueryString: left } = kept as { rawQueryString: string };
      expect([...new URLSearchParams(`&${left}`)]).toEqual(sent.filter(([name]) => name === "a"));
    }),
  );
});
