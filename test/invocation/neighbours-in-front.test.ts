import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import httpEventNormalizer from "@middy/http-event-normalizer";
import httpHeaderNormalizer from "@middy/http-header-normalizer";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import httpUrlencodeBodyParser from "@middy/http-urlencode-body-parser";
import {
  dwolla,
  gluwa,
  idempotent,
  memoryStore,
  type Observation,
  type Store,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import {
  albEvent,
  functionUrlEvent,
  httpApiEvent,
  type RequestParts,
  restApiEvent,
  vpcLatticeEvent,
} from "../support/events.ts";
import type { Answer } from "../support/service.ts";

type Call = (event: object, context: object) => Promise<Answer>;
type Middlewares = Parameters<ReturnType<typeof middy>["use"]>[0];
interface Middleware {
  before?(request: { event: Record<string, unknown> }): void;
}

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";

/** One function in both forms, with middlewares in front and behind. */
function functions({
  store = memoryStore(),
  profile = dwolla(),
  front = [] as unknown[],
  behind = [] as unknown[],
  observe = (_: Observation) => {},
}) {
  let runs = 0;
  const bodies: unknown[] = [];
  const handler = async ({ body }: { body?: unknown }) => {
    bodies.push(body);
    runs += 1;
    return { statusCode: 201, body: `run ${runs}` };
  };
  const options = { store, profile, singleTenant: true, operation: "pay", observe } as const;
  const wrapped = middy(idempotent(handler, options) as never).use(front as never);
  const inside = middy(handler as never).use(behind as never);
  const outside = idempotent(inside as never, options);
  const chain = middy().use([...front, idempotency(options), ...behind] as unknown as Middlewares);
  const middleware = chain.handler(handler as never);
  return {
    wrapped: wrapped as unknown as Call,
    outside: outside as unknown as Call,
    middleware: middleware as unknown as Call,
    runs: () => runs,
    bodies,
  };
}

const form = (parts: RequestParts = {}) => ({
  body: "amountMinor=1&to=b",
  ...parts,
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});

/** Keeps the raw body, as parsers of other frameworks do. */
const keepingParser = {
  before({ event }: { event: Record<string, unknown> }) {
    event.rawBody = event.body;
    event.body = JSON.parse(String(event.body));
  },
} satisfies Middleware;

describe("a body parser in front that keeps no raw body", () => {
  test.each<[string, unknown, RequestParts, string]>([
    ["httpJsonBodyParser", httpJsonBodyParser(), {}, "a JSON object, as from a JSON parser"],
    ["httpUrlencodeBodyParser", httpUrlencodeBodyParser(), form(), "a form object, as from a form"],
  ])(
    "%s is an error that says so, in both forms, and nothing runs",
    async (_name, parser, parts, words) => {
      const { wrapped, middleware, runs } = functions({ front: [parser] });
      for (const call of [wrapped, middleware]) {
        await expect(call(httpApiEvent({ key: KEY, ...parts }), {})).rejects.toMatchObject({
          name: "IdempotencyConfigurationError",
          message: expect.stringContaining(words),
        });
      }
      expect(runs()).toBe(0);
    },
  );

  test.each<[string, unknown, RequestParts, unknown]>([
    ["httpJsonBodyParser", httpJsonBodyParser(), { body: '{"a":1}' }, { a: 1 }],
    ["httpUrlencodeBodyParser", httpUrlencodeBodyParser(), form({ body: "a=1" }), { a: "1" }],
  ])("%s works behind, as the error advises", async (_name, parser, parts, body) => {
    const { outside, middleware, runs, bodies } = functions({ behind: [parser] });
    for (const call of [outside, middleware, middleware]) {
      const answer = await call(httpApiEvent({ key: KEY, ...parts }), {});
      expect(answer).toMatchObject({ statusCode: 201, body: "run 1" });
    }
    expect(runs()).toBe(1);
    expect(bodies.map((one) => ({ ...(one as object) }))).toEqual([body]);
  });
});

describe("a body parser in front that keeps the raw body", () => {
  test("changes neither key nor fingerprint: the request has one record with and without it", async () => {
    const store = memoryStore();
    const profile = gluwa({ completed: "replay", keepsResponses: true });
    const body = JSON.stringify({ Idem: KEY, amount: "1" });
    const parsed = functions({ store, profile, front: [keepingParser] });
    const plain = functions({ store, profile });
    for (const { wrapped, middleware } of [parsed, plain]) {
      for (const call of [wrapped, middleware]) {
        expect((await call(httpApiEvent({ body }), {})).statusCode).toBe(201);
      }
    }
    expect([parsed.runs(), plain.runs()]).toEqual([1, 0]);
  });

  test("does not hide a number that it has rounded", async () => {
    const { wrapped, runs } = functions({ front: [keepingParser] });
    await wrapped(httpApiEvent({ key: KEY, body: '{"a":9007199254740993}' }), {});
    const other = await wrapped(httpApiEvent({ key: KEY, body: '{"a":9007199254740992}' }), {});
    expect([other.statusCode, runs()]).toEqual([422, 1]);
  });
});

describe("normalisers in front change nothing: the request has one record with and without them,", () => {
  const NORMALISERS: [string, () => unknown[]][] = [
    ["of headers", () => [httpHeaderNormalizer()]],
    ["of headers, in their canonical spelling", () => [httpHeaderNormalizer({ canonical: true })]],
    [
      "of headers, with defaults",
      () => [httpHeaderNormalizer({ defaultHeaders: { "X-Region": "eu" } })],
    ],
    ["of events", () => [httpEventNormalizer()]],
    ["of both", () => [httpEventNormalizer(), httpHeaderNormalizer()]],
  ];
  const EVENTS: [string, (parts: RequestParts) => object][] = [
    ["a REST API", restApiEvent],
    ["an HTTP API", httpApiEvent],
    ["a function URL", functionUrlEvent],
    ["a load balancer", albEvent],
    ["a load balancer with multi-value maps", (parts) => albEvent(parts, true)],
    ["VPC Lattice", vpcLatticeEvent],
  ];
  describe.each(EVENTS)("behind %s", (_name, eventOf) => {
    test.each(NORMALISERS)("%s", async (_what, front) => {
      const store: Store = memoryStore();
      const normalised = functions({ store, front: front() });
      const plain = functions({ store });
      const parts = { key: KEY, query: "a=1&b=2&b=3" };
      for (const { wrapped, middleware } of [plain, normalised]) {
        for (const call of [wrapped, middleware]) {
          expect((await call(eventOf(parts), {})).statusCode).toBe(201);
        }
      }
      expect([plain.runs(), normalised.runs()]).toEqual([1, 0]);
    });
  });
});

describe("a middleware that sets the key", () => {
  const setKey = {
    before(request: { event: Record<string, unknown> }) {
      const headers = request.event.headers as object;
      request.event = { ...request.event, headers: { ...headers, "Idempotency-Key": KEY } };
    },
  } satisfies Middleware;

  const environment = process.env.NODE_ENV;
  beforeEach(() => {
    process.env.NODE_ENV = "production";
  });
  afterEach(() => {
    process.env.NODE_ENV = environment;
  });

  test("protects the request when it stands in front", async () => {
    const { middleware, runs } = functions({ front: [setKey] });
    await middleware(httpApiEvent(), {});
    await middleware(httpApiEvent(), {});
    expect(runs()).toBe(1);
  });

  test.each<[string, RequestParts]>([
    ["a request without a key", {}],
    ["a request with another key", { key: "k-1" }],
  ])("is reported when it stands behind, on %s, once", async (_name, parts) => {
    const observed: Observation[] = [];
    const { middleware } = functions({ behind: [setKey], observe: (one) => observed.push(one) });
    expect((await middleware(httpApiEvent(parts), {})).statusCode).toBe(201);
    await middleware(httpApiEvent({ ...parts, body: "{}" }), {});
    expect(observed.filter(({ kind }) => kind === "advice")).toEqual([
      {
        kind: "advice",
        code: "key_set_too_late",
        message: expect.stringContaining("Register that middleware in front"),
      },
    ]);
  });

  test("is an error in development, once the record has the handler's response", async () => {
    process.env.NODE_ENV = "development";
    const observed: Observation[] = [];
    const { middleware, runs } = functions({
      behind: [setKey],
      observe: (one) => observed.push(one),
    });
    await expect(middleware(httpApiEvent({ key: "k-1" }), {})).rejects.toThrow(
      "a middleware behind this one changed the key of the request after the layer had read it",
    );
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
    expect((await middleware(httpApiEvent({ key: "k-1" }), {})).body).toBe("run 1");
    expect(runs()).toBe(1);
  });

  test("is not reported if the profile is not about the method, or if the event is replaced", async () => {
    process.env.NODE_ENV = "development";
    const passing = functions({ behind: [setKey] });
    expect((await passing.middleware(httpApiEvent({ method: "GET" }), {})).statusCode).toBe(201);
    const replacing = {
      before(request: { event: Record<string, unknown> }) {
        request.event = JSON.parse(String(request.event.body));
      },
    };
    const parsed = functions({ behind: [replacing] });
    expect((await parsed.middleware(httpApiEvent({ key: "k" }), {})).statusCode).toBe(201);
  });

  test("no member of the event is read that the layer does not need, such as a lazy parser's", async () => {
    const lazy = {
      before({ event }: { event: object }) {
        const json = { enumerable: true, get: () => JSON.parse("no JSON") };
        Object.defineProperty(event, "json", json);
      },
    };
    const { middleware, runs } = functions({ front: [lazy] });
    expect((await middleware(httpApiEvent({ key: "k" }), {})).body).toBe("run 1");
    expect((await middleware(httpApiEvent({ key: "k" }), {})).body).toBe("run 1");
    expect(runs()).toBe(1);
  });

  test.each([["query"], ["path"]])("is reported for a key in the %s as well", async (place) => {
    const observed: Observation[] = [];
    const setParameter = {
      before({ event }: { event: Record<string, unknown> }) {
        event.rawQueryString = "id=1";
        event.pathParameters = { id: "1" };
      },
    };
    const { middleware } = functions({
      profile: dwolla({ keyFrom: [{ [place]: "id" } as never] }),
      behind: [setParameter],
      observe: (one) => observed.push(one),
    });
    await middleware(httpApiEvent(), {});
    expect(observed).toEqual([expect.objectContaining({ code: "key_set_too_late" })]);
  });
});
