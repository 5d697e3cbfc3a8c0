import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type IdempotencyContext, idempotent, memoryStore, type Store } from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import type { Answer } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";
import { openAccounts } from "./commits/accounts.ts";

type Event = ReturnType<typeof httpApiEvent>;
interface Context {
  readonly idempotency: IdempotencyContext;
  [member: string]: unknown;
}
type Handler = (event: Event, context: Context) => unknown;
type Call = (event: Event, context: object) => Promise<Answer>;

/** All ways to put the layer around a handler, by name. */
const FORMS: [string, (handler: Handler, store: Store) => Call][] = [
  ["the wrapper", (handler, store) => idempotent(handler, { store, singleTenant: true }) as Call],
  [
    "the middleware",
    (handler, store) =>
      middy()
        .use(idempotency({ store, singleTenant: true }))
        .handler(handler as never) as unknown as Call,
  ],
  [
    "the wrapper in Middy",
    (handler, store) =>
      middy(idempotent(handler, { store, singleTenant: true }) as never) as unknown as Call,
  ],
  [
    "Middy with the middleware in Middy",
    (handler, store) =>
      middy(
        middy()
          .use(idempotency({ store, singleTenant: true }))
          .handler(handler as never) as never,
      ) as unknown as Call,
  ],
];

/** The context that Lambda's runtime passes, and that two requests of a batch share. */
function lambdaContext() {
  let isWaited = true;
  return {
    awsRequestId: "invocation-1",
    functionName: "transfers",
    getRemainingTimeInMillis: () => 10_000,
    get callbackWaitsForEmptyEventLoop() {
      return isWaited;
    },
    set callbackWaitsForEmptyEventLoop(value: boolean) {
      isWaited = value;
    },
  };
}

/** Resolves after the given number of calls. */
function meeting(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let present = 0;
  return () => {
    present += 1;
    if (present === size) resolve();
    return promise;
  };
}

describe.each(FORMS)("%s", (_name, protect) => {
  test("sees the context as it was at the call, although the next call changes it", async () => {
    const handler = protect(
      (_event, { user }) => ({ statusCode: 201, body: String(user) }),
      memoryStore(),
    );
    const shared: Record<string, unknown> = lambdaContext();
    const answers = await Promise.all(
      ["a", "b"].map((user) => {
        shared.user = user;
        return handler(httpApiEvent({ key: user }), shared);
      }),
    );
    expect(answers.map(({ body }) => body)).toEqual(["a", "b"]);
  });

  test.each<[string, object]>([
    [
      "cannot be copied",
      new Proxy(lambdaContext(), {
        ownKeys() {
          throw new Error("unreadable");
        },
      }),
    ],
    [
      "has a getter that throws",
      {
        ...lambdaContext(),
        get done() {
          throw new Error("unreadable");
        },
      },
    ],
  ])("claims nothing for a context that %s", async (_what, unreadable) => {
    const handler = protect(() => ({ statusCode: 201 }), memoryStore());
    await expect(handler(httpApiEvent({ key: "k" }), unreadable)).rejects.toThrow("unreadable");
    expect((await handler(httpApiEvent({ key: "k" }), lambdaContext())).statusCode).toBe(201);
  });

  test("keeps two requests with one context apart, also after both have begun", async () => {
    const met = meeting(2);
    const handler = protect(async ({ body }, context) => {
      await met();
      return { statusCode: 201, body: `${body} under ${context.idempotency.key}` };
    }, memoryStore());
    const shared = lambdaContext();
    const answers = await Promise.all(
      ["a", "b"].map((key) => handler(httpApiEvent({ key, body: `body ${key}` }), shared)),
    );
    expect(answers.map(({ body }) => body)).toEqual(["body a under a", "body b under b"]);
  });

  test("writes nothing to the given context, on first responses, replays and refusals", async () => {
    const given = Object.freeze({ getRemainingTimeInMillis: () => 10_000 });
    const handler = protect(() => ({ statusCode: 201 }), memoryStore());
    const open = { ...given };
    const sent = [httpApiEvent({ key: "k" }), httpApiEvent({ key: "k" }), httpApiEvent()];
    const statuses = [];
    for (const event of sent) {
      await handler(event, given);
      statuses.push((await handler(event, open)).statusCode);
    }
    expect(statuses).toEqual([201, 201, 400]);
    expect(Object.keys(open)).toEqual(["getRemainingTimeInMillis"]);
  });

  test("gives the handler a context that copies, lists and inherits as the given context", async () => {
    const given = lambdaContext();
    let seen: Context | undefined;
    const handler = protect((_event, context) => {
      seen = context;
      return { statusCode: 201 };
    }, memoryStore());
    await handler(httpApiEvent({ key: "k" }), given);
    const { idempotency: ours, ...copied } = { ...seen };
    expect(ours?.key).toBe("k");
    expect(copied).toEqual({ ...given });
    expect(Object.keys(seen ?? {})).toEqual([...Object.keys(given), "idempotency"]);
    expect(Object.prototype.isPrototypeOf.call(given, seen as object)).toBe(true);
  });

  test("forwards assignments to an accessor, and keeps new members to itself", async () => {
    const given = lambdaContext();
    const handler = protect((_event, context) => {
      context.callbackWaitsForEmptyEventLoop = false;
      context.functionName = "renamed";
      context.added = 1;
      return {
        statusCode: 201,
        body: JSON.stringify([context.callbackWaitsForEmptyEventLoop, context.functionName]),
      };
    }, memoryStore());
    const answer = await handler(httpApiEvent({ key: "k" }), given);
    expect(answer.body).toBe('[false,"renamed"]');
    expect(given.callbackWaitsForEmptyEventLoop).toBe(false);
    expect(given.functionName).toBe("transfers");
    expect(given).not.toHaveProperty("added");
  });

  // Middy calls getRemainingTimeInMillis() without `this`, so these methods have other names.
  class Invocation {
    readonly #deadlineMs = 10_000;
    readonly awsRequestId = "invocation-1";
    remainingMs() {
      return this.#deadlineMs;
    }
    get deadlineMs() {
      return this.#deadlineMs;
    }
  }
  class Traced extends Invocation {
    readonly #trace = "Root=1";
    trace() {
      return this.#trace;
    }
    override remainingMs() {
      return super.remainingMs() - 1;
    }
  }

  test.each<[string, object, object]>([
    [
      "a class with private members",
      new Traced(),
      { awsRequestId: "invocation-1", remainingMs: 9_999, deadlineMs: 10_000, trace: "Root=1" },
    ],
    [
      "an object whose methods use `this`",
      {
        endsAtMs: 10_000,
        remainingMs() {
          return (this as { endsAtMs: number }).endsAtMs;
        },
      },
      { remainingMs: 10_000 },
    ],
    [
      "an object without a prototype",
      Object.assign(Object.create(null), lambdaContext()),
      { awsRequestId: "invocation-1" },
    ],
    ["a proxy", new Proxy(lambdaContext(), {}), { awsRequestId: "invocation-1" }],
    ["a frozen object", Object.freeze(lambdaContext()), { awsRequestId: "invocation-1" }],
    ["an object with a member __proto__", JSON.parse('{"__proto__":{"deadlineMs":1}}'), {}],
  ])("takes %s as a context", async (_what, given, expected) => {
    const handler = protect((_event, context) => {
      const { awsRequestId, deadlineMs } = context;
      const { remainingMs, trace } = context as { [name: string]: (() => unknown) | undefined };
      const seen = {
        awsRequestId,
        deadlineMs,
        remainingMs: remainingMs?.call(context),
        trace: trace?.call(context),
      };
      return { statusCode: 201, body: JSON.stringify(seen) };
    }, memoryStore());
    const answer = await handler(httpApiEvent({ key: "k" }), given);
    expect(JSON.parse(answer.body ?? "")).toEqual(expected);
  });
});

test("two requests with one context have the tenants that it named at their calls", async () => {
  const tenants: unknown[] = [];
  const options = {
    store: memoryStore(),
    operation: "o",
    tenant: async (_event: Event, context: Context) => {
      await undefined;
      tenants.push(context.user);
      context.user = "changed";
      return tenants.at(-1);
    },
  };
  const handler = idempotent(async () => ({ statusCode: 201 }), options as never) as Call;
  const shared: Record<string, unknown> = {};
  const calls = ["a", "b"].map((user) => {
    shared.user = user;
    return handler(httpApiEvent({ key: "k" }), shared);
  });
  const answers = await Promise.all(calls);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
  expect(tenants).toEqual(["a", "b"]);
  expect(shared.user).toBe("b");
});

describe("nested,", () => {
  const outerOptions = () => ({
    store: memoryStore(),
    singleTenant: true as const,
    operation: "outer",
  });

  test("the wrapper in the middleware has its own context, and so has the middleware", async () => {
    const keys: unknown[] = [];
    const inner = idempotent(
      (_event: Event, context: Context) => {
        keys.push(context.idempotency.downstreamKey("charge"));
        return { statusCode: 201 };
      },
      { store: memoryStore(), singleTenant: true, operation: "inner" },
    );
    const handler = middy()
      .use(idempotency(outerOptions()))
      .handler((async (event: Event, context: Context) => {
        const before = context.idempotency;
        const answer = await inner(event, context);
        expect(context.idempotency).toBe(before);
        keys.push(context.idempotency.downstreamKey("charge"));
        return answer;
      }) as never) as unknown as Call;
    await handler(httpApiEvent({ key: "k" }), lambdaContext());
    expect(new Set(keys).size).toBe(2);
  });

  test("a wrapper whose handler calls another wrapper twice at once keeps its own claim", async () => {
    const met = meeting(2);
    const inner = idempotent(
      async (_event: Event, context: Context) => {
        await met();
        return { statusCode: 201, body: context.idempotency.key ?? "" };
      },
      { store: memoryStore(), singleTenant: true, operation: "inner" },
    );
    const outer = idempotent(async (_event: Event, context: Context) => {
      const parts = ["a", "b"].map((key) => inner(httpApiEvent({ key }), context));
      const bodies = (await Promise.all(parts)).map(({ body }) => body);
      return { statusCode: 201, body: [...bodies, context.idempotency.key].join(" ") };
    }, outerOptions());
    const answer = await outer(httpApiEvent({ key: "k" }), lambdaContext() as never);
    expect(answer.body).toBe("a b k");
  });

  test("a nested context has the methods of the given context, not copies bound again", async () => {
    const given = lambdaContext();
    const inner = idempotent(
      (_event: Event, context: Context) => {
        const isSame = context.getRemainingTimeInMillis === given.getRemainingTimeInMillis;
        return { statusCode: 201, body: String(isSame) };
      },
      { store: memoryStore(), singleTenant: true, operation: "inner" },
    );
    const outer = idempotent(inner as never, outerOptions());
    const answer = (await outer(httpApiEvent({ key: "k" }) as never, given as never)) as Answer;
    expect(answer.body).toBe("true");
  });
});

test("the lease asks a context whose remaining time is a private member", async () => {
  class Invocation {
    readonly #remainingMs = 10_000;
    getRemainingTimeInMillis() {
      return this.#remainingMs;
    }
  }
  const handler = idempotent(
    (_event: Event, context: Context & Invocation) => ({
      statusCode: 201,
      body: String(context.getRemainingTimeInMillis()),
    }),
    { store: memoryStore(), singleTenant: true },
  );
  const answer = await handler(httpApiEvent({ key: "k" }), new Invocation() as never);
  expect(answer.body).toBe("10000");
});

test("without a context, as in tests of handlers, the handler still gets a context with idempotency", async () => {
  const handler = idempotent(
    (_event: Event, context: Context) => ({ statusCode: 201, body: context.idempotency.key }),
    { store: memoryStore(), singleTenant: true },
  ) as (event: Event, context?: object | null) => Promise<Answer>;
  expect((await handler(httpApiEvent({ key: "a" }))).body).toBe("a");
  expect((await handler(httpApiEvent({ key: "b" }), null)).body).toBe("b");
});

describe("on an engine,", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  }, 30_000);
  afterAll(() => engine.close());

  test.each(FORMS)(
    "%s: two payments of one batch, with one context, are both made and answered",
    async (_name, protect) => {
      const client = clientOf(engine);
      const { move, balances } = await openAccounts(client);
      const store = dynamoDbStore({ tableName: await createTable(client), client });
      const met = meeting(2);
      const handler = protect(async ({ body }, { idempotency }) => {
        await met();
        return idempotency.commit(move(Number(body)), { statusCode: 201, body: `paid ${body}` });
      }, store);
      const shared = lambdaContext();
      const pay = () =>
        Promise.all([
          handler(httpApiEvent({ key: "a", body: "10" }), shared),
          handler(httpApiEvent({ key: "b", body: "20" }), shared),
        ]);
      const bodies = async () => (await pay()).map(({ body }) => body);
      expect(await bodies()).toEqual(["paid 10", "paid 20"]);
      expect(await bodies()).toEqual(["paid 10", "paid 20"]);
      expect(await balances()).toEqual([70, 130]);
    },
  );
});
