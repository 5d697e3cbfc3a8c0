import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { dwolla, gluwa, memoryStore, orzcash, StoreError, stripe } from "../../../lib/index.ts";
import { idempotency } from "../../../lib/middy.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import type { Fault } from "../../support/faults.ts";
import {
  type Answer,
  type Behaviour,
  problemOf,
  serviceOf,
  type TestContext,
} from "../../support/service.ts";
import { type OpenParameters, openService } from "./open-service.ts";

/*
 * An execution has one outcome: the client's response, the record and the effects that have
 * happened to the money are the same, however carelessly a handler is written.
 */

const CREATED = { statusCode: 201, body: "{}" };
const MOVED = [90, 110];
const NOT_MOVED = [100, 100];

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const open = (...rest: OpenParameters) => openService(engine, ...rest);

const collideAlways = (command: string): Fault =>
  command === "TransactWriteItems" ? "collided" : "none";
const collideOnce = (command: string, attempt: number): Fault =>
  command === "TransactWriteItems" && attempt === 1 ? "collided" : "none";

const request = (key = "k") => httpApiEvent({ key });

describe.each(["start", "commit"] as const)("with claimAt %s", (claimAt) => {
  test.each<[string, typeof collideOnce]>([
    ["", () => "none"],
    [", which collides at first", collideOnce],
  ])("a commit that the handler does not wait for%s is waited for", async (_how, decide) => {
    const { call, balances } = await open(
      ({ move }) =>
        ({ context }) => {
          void context.idempotency.commit(move(10), CREATED);
          return CREATED;
        },
      { claimAt },
      decide,
    );
    expect(await call(request())).toEqual(CREATED);
    expect(await balances()).toEqual(MOVED);
    expect(await call(request())).toMatchObject(CREATED);
    expect(await balances()).toEqual(MOVED);
  });

  test("a commit that the business refused, unseen by the handler, is no success", async () => {
    const { call, balances } = await open(
      ({ move }) =>
        ({ context }) => {
          context.idempotency.commit(move(1_000), CREATED).catch(() => {});
          return CREATED;
        },
      { claimAt },
    );
    await expect(call(request())).rejects.toMatchObject({ name: "IdempotencyCommitRefused" });
    expect(await balances()).toEqual(NOT_MOVED);
  });

  test("a commit that comes after the response moves no money", async () => {
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    const late: Promise<unknown>[] = [];
    const { call, balances } = await open(
      ({ move }) =>
        ({ context }) => {
          late.push(answered.then(() => context.idempotency.commit(move(10), CREATED)));
          throw Object.assign(new Error("invalid"), { statusCode: 422 });
        },
      { claimAt },
    );
    await expect(call(request())).rejects.toThrow("invalid");
    resolve();
    await expect(late[0]).rejects.toThrow("the execution has ended with another response");
    expect(await balances()).toEqual(NOT_MOVED);
  });

  test.each([404, "404"])(
    "a 4xx that is thrown after the commit does not tell that nothing has happened: %j",
    async (statusCode) => {
      const { call, balances } = await open(
        ({ move }) =>
          async ({ context }) => {
            await context.idempotency.commit(move(10), CREATED);
            throw Object.assign(new Error("no such webhook"), { statusCode });
          },
        { claimAt },
      );
      expect(await call(request())).toMatchObject(CREATED);
      expect(await balances()).toEqual(MOVED);
    },
  );

  test("a refused commit ends with the refusal, even if the handler returns a response", async () => {
    const { call, balances } = await open(
      ({ move }) =>
        async ({ context }) => {
          await context.idempotency.commit(move(10), CREATED);
          return CREATED;
        },
      { claimAt, differentResponse: "warn" },
      collideAlways,
    );
    const refused = await call(request(), { getRemainingTimeInMillis: () => 1_100 });
    expect(problemOf(refused).code).toBe("commit_collided");
    expect(await balances()).toEqual(NOT_MOVED);
  });

  test("so it is without a key", async () => {
    const { call, balances } = await open(
      ({ move }) =>
        async ({ context }) => {
          await context.idempotency.commit(move(10), CREATED);
          return CREATED;
        },
      { claimAt, profile: dwolla() },
      collideAlways,
    );
    const refused = await call(httpApiEvent({}), { getRemainingTimeInMillis: () => 1_100 });
    expect(refused.statusCode).toBe(503);
    expect(await balances()).toEqual(NOT_MOVED);
  });

  test("collisions end even if the end of the invocation is unknown", async () => {
    const { call, clock } = await open(
      ({ move }) =>
        ({ context }) =>
          context.idempotency.commit(move(10), CREATED),
      { claimAt },
      collideAlways,
    );
    const before = clock.now();
    const context = { getRemainingTimeInMillis: () => Number.NaN };
    expect((await call(request(), context)).statusCode).toBe(503);
    expect(clock.now() - before).toBeLessThan(15_000);
  });

  test("a business refusal is recorded also where every response must come from a commit", async () => {
    const { call } = await open(
      ({ move }) =>
        ({ context }) =>
          context.idempotency.commit(move(1_000), CREATED).catch(() => ({ statusCode: 422 })),
      { claimAt, uncommitted: "refuse" },
    );
    expect((await call(request())).statusCode).toBe(422);
    expect((await call(request())).statusCode).toBe(422);
  });
});

test("no client hears that nothing was committed while an earlier send may have been applied", async () => {
  // The first send is applied; its reply is lost, and every later send of the SDK is refused.
  const { call, balances } = await open(
    ({ move }) =>
      ({ context }) =>
        context.idempotency.commit(move(10), CREATED),
    // Time for the SDK's own retries, and none for ours.
    { leaseMarginMs: 5_000 },
    (command, attempt) => {
      if (command !== "TransactWriteItems") return "none";
      return attempt === 1 ? "lost-answer" : "throttled";
    },
  );
  const unknown = await call(request(), { getRemainingTimeInMillis: () => 5_000 });
  expect(problemOf(unknown).code).toBe("outcome_not_recorded");
  expect(await balances()).toEqual(MOVED);
  expect(await call(request())).toMatchObject(CREATED);
});

test("after collisions without end the same request may be tried again at once", async () => {
  const { call } = await open(
    ({ move }) =>
      ({ context }) =>
        context.idempotency.commit(move(10), CREATED),
    {},
    (command, attempt) => (command === "TransactWriteItems" && attempt < 5 ? "collided" : "none"),
  );
  const short = { getRemainingTimeInMillis: () => 1_001 };
  while ((await call(request(), short)).statusCode === 503);
  expect(await call(request())).toMatchObject(CREATED);
});

describe("claiming at the commit a repeat gets its response although the handler ends before its commit:", () => {
  test.each<[string, Behaviour]>([
    [
      "it throws a 4xx",
      () => {
        throw Object.assign(new Error("paid already"), { statusCode: 409 });
      },
    ],
    ["it rejects", ({ context }) => context.idempotency.reject({ statusCode: 422 })],
    ["it answers 503", () => ({ statusCode: 503 })],
  ])("%s", async (_how, repeat) => {
    const { call, balances } = await open(
      ({ move }) =>
        (run) =>
          run.count === 1 ? run.context.idempotency.commit(move(10), CREATED) : repeat(run),
      { claimAt: "commit" },
    );
    await call(request());
    expect(await call(request())).toMatchObject(CREATED);
    expect(problemOf(await call(httpApiEvent({ key: "k", body: "[]" }))).code).toBe(
      "payload_mismatch",
    );
    expect(await balances()).toEqual(MOVED);
  });

  test("in the middleware as well", async () => {
    const { store } = await open(() => () => {});
    let runs = 0;
    const handler = middy()
      .use(idempotency({ store, singleTenant: true, claimAt: "commit" }))
      .handler((async (
        _event: unknown,
        context: TestContext & { idempotency: { commit(w: [], r: object): unknown } },
      ) => {
        runs += 1;
        if (runs > 1) throw Object.assign(new Error("paid already"), { statusCode: 409 });
        return context.idempotency.commit([], CREATED);
      }) as never) as unknown as (event: unknown, context: object) => Promise<Answer>;
    await handler(request(), {});
    expect(await handler(request(), {})).toMatchObject(CREATED);
  });
});

test("a commit that comes after an early time-out counts: the claim is still its execution's", async () => {
  const { store, move, balances } = await open(() => () => {});
  const { promise: wake, resolve } = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  const handler = middy({ timeoutEarlyInMillis: 9_990 })
    .use(idempotency({ store, singleTenant: true, observe() {} }))
    .handler((_event, { idempotency }) => {
      const committed = wake.then(() => idempotency.commit(move(10), CREATED));
      late.push(committed);
      return committed;
    }) as unknown as (event: unknown, context: object) => Promise<Answer>;
  const context = () => ({ getRemainingTimeInMillis: () => 10_000 });
  await expect(handler(request(), context())).rejects.toThrow("aborted");
  resolve();
  expect(await late[0]).toEqual(CREATED);
  expect(await balances()).toEqual(MOVED);
  expect(await handler(request(), context())).toMatchObject(CREATED);
  expect(await balances()).toEqual(MOVED);
});

test("a 4xx that is thrown after a commit was refused frees no key: the request has begun", async () => {
  const { call } = await open(({ move }) => async ({ context, count }) => {
    if (count > 1) return CREATED;
    await context.idempotency.commit(move(1_000), CREATED).catch(() => {});
    throw Object.assign(new Error("insufficient funds"), { statusCode: 422 });
  });
  await expect(call(request())).rejects.toThrow("insufficient funds");
  const other = await call(httpApiEvent({ key: "k", body: '{"amount":2}' }));
  expect(problemOf(other).code).toBe("payload_mismatch");
});

test("a handler that was changed since the request began commits nothing before it has come as far", async () => {
  const { call, balances } = await open(
    ({ move }) =>
      async ({ context: { idempotency }, count }) => {
        if (count > 1) return idempotency.commit(move(10), CREATED);
        await idempotency.step("a", () => undefined);
        throw new Error("it dies");
      },
    { profile: orzcash() },
  );
  const event = httpApiEvent({ key: "8e03978e-40d5-43e8-bc93-6894a57f9324" });
  await expect(call(event)).rejects.toThrow("it dies");
  await expect(call(event)).rejects.toThrow('holds "a" as step 1');
  expect(await balances()).toEqual(NOT_MOVED);
});

test("a handler that changes its response while the commit is on its way changes nothing", async () => {
  const { call } = await open(({ move }) => async ({ context }) => {
    const response = { statusCode: 201, headers: { location: "/transfers/1" } };
    const committed = context.idempotency.commit(move(10), response);
    Object.assign(response, { statusCode: 500 });
    response.headers.location = "/transfers/2";
    return committed;
  });
  expect(await call(request())).toStrictEqual({
    statusCode: 201,
    headers: { location: "/transfers/1" },
  });
});

test("a response without headers is answered without headers", async () => {
  const { call } = await open(
    ({ move }) =>
      ({ context }) =>
        context.idempotency.commit(move(10), CREATED),
  );
  expect(await call(request())).toStrictEqual(CREATED);
});

test("a commit that could not be sent is no refusal by the business, even if the handler says so", async () => {
  const { call } = await open(
    () =>
      async ({ context }) => {
        const tooLarge = { statusCode: 201, body: "x".repeat(500_000) };
        await context.idempotency.commit([], tooLarge).catch(() => {});
        return CREATED;
      },
    { claimAt: "commit", uncommitted: "refuse" },
  );
  await expect(call(request())).rejects.toThrow("ended without commit()");
});

test("a response that a hook changes in place is noticed", async () => {
  const { store } = await open(() => () => {});
  const handler = middy()
    .use(idempotency({ store, singleTenant: true, differentResponse: "throw" }))
    .use({
      after: (run: { response: { headers?: object } }) => {
        run.response.headers = { "access-control-allow-origin": "*" };
      },
    } as Parameters<ReturnType<typeof middy>["use"]>[0])
    .handler(((_event: unknown, context: { idempotency: { commit(w: [], r: object): unknown } }) =>
      context.idempotency.commit([], { ...CREATED })) as never) as unknown as (
    event: unknown,
    context: object,
  ) => Promise<Answer>;
  await expect(handler(request(), {})).rejects.toThrow("differs from the committed one");
});

test("a record of an unknown version is a problem, not an error, to a commit too", async () => {
  const { store, call } = await open(
    () =>
      ({ context }) =>
        context.idempotency.commit([], CREATED),
    { claimAt: "commit" },
  );
  expect((await call(request())).statusCode).toBe(201);
  const unreadable = Object.assign(new Error("version 2"), { name: "IdempotencyRecordError" });
  const service = serviceOf(({ context }) => context.idempotency.commit([], CREATED), {
    store: { ...store, commit: () => Promise.reject(unreadable) },
    claimAt: "commit",
  });
  expect(problemOf(await service.call(request())).code).toBe("record_unreadable");
});

describe("a handler that throws a 4xx", () => {
  const statusCode = (code: number) => Object.assign(new Error("refused"), { statusCode: code });

  test.each([408, 425, 429])("of %i may be tried again, it did not refuse", async (code) => {
    const { call, observed } = serviceOf(() => {
      throw statusCode(code);
    });
    await expect(call(request())).rejects.toThrow("refused");
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "released"]);
  });

  test("once it has asked for a downstream key has begun: the next attempt gets the same key", async () => {
    const charges: string[] = [];
    const { call } = serviceOf(({ count, context }) => {
      charges.push(context.idempotency.downstreamKey("charge"));
      if (count === 1) throw statusCode(429);
      return CREATED;
    });
    await expect(call(request())).rejects.toThrow("refused");
    await call(request());
    expect(charges[1]).toBe(charges[0]);
  });
});

test("a response that frees the key frees none under which something was charged", async () => {
  const charges: string[] = [];
  const { call } = serviceOf(
    ({ count, context }) => {
      charges.push(context.idempotency.downstreamKey("charge"));
      return { statusCode: count === 1 ? 401 : 200 };
    },
    { profile: stripe() },
  );
  await call(request());
  await call(request());
  expect(charges[1]).toBe(charges[0]);
});

test("claiming at the commit, a refusal that cannot be recorded is no denial", async () => {
  const { call } = await open(
    () => () => {
      throw Object.assign(new Error("paid already"), { statusCode: 409 });
    },
    { claimAt: "commit" },
    (command) => (command === "UpdateItem" ? "lost-request" : "none"),
  );
  expect(problemOf(await call(request())).code).toBe("outcome_not_recorded");
});

test("if every response must come from a commit, a repeat still gets the committed response", async () => {
  const { call } = await open(
    () =>
      ({ count, context }) =>
        count === 1 ? context.idempotency.commit([], CREATED) : { statusCode: 409 },
    { claimAt: "commit", uncommitted: "refuse" },
  );
  await call(request());
  expect(await call(request())).toMatchObject(CREATED);
});

test("a key that no repeat may take over is not lost to collisions", async () => {
  const { call, balances } = await open(
    ({ move }) =>
      ({ context }) =>
        context.idempotency.commit(move(10), { statusCode: 202 }),
    { profile: gluwa({ keyFrom: [{ header: "Idempotency-Key" }], keyFormat: "visible" }) },
    (command, attempt) => (command === "TransactWriteItems" && attempt < 3 ? "collided" : "none"),
  );
  const short = { getRemainingTimeInMillis: () => 1_001 };
  expect((await call(request(), short)).statusCode).toBe(503);
  while ((await call(request(), short)).statusCode === 503);
  expect(await balances()).toEqual(MOVED);
});

test("a handler that rejects and then returns another response has not rejected", async () => {
  const { call, runs } = serviceOf(({ context }) => {
    context.idempotency.reject({ statusCode: 422 });
    return CREATED;
  });
  await call(request());
  expect(await call(request())).toMatchObject(CREATED);
  expect(runs()).toBe(1);
});

test("a claim that collides with a commit on the same record is a request in flight", async () => {
  const store = memoryStore();
  const cause = Object.assign(new Error("conflict"), { name: "TransactionConflictException" });
  const { call } = serviceOf(() => CREATED, {
    store: { ...store, claim: () => Promise.reject(new StoreError("collided", cause)) },
  });
  expect(problemOf(await call(request())).code).toBe("request_in_flight");
});

test("a key that no repeat may take over is not lost with the reply to its claim", async () => {
  const store = memoryStore();
  let attempts = 0;
  const { call, runs } = serviceOf(() => ({ statusCode: 202 }), {
    profile: gluwa({ keyFrom: [{ header: "Idempotency-Key" }], keyFormat: "visible" }),
    store: {
      ...store,
      async claim(claim) {
        const claimed = await store.claim(claim);
        attempts += 1;
        if (attempts === 1) throw new StoreError("the answer was lost", new Error("time-out"));
        return claimed;
      },
    },
  });
  expect((await call(request())).statusCode).toBe(503);
  expect((await call(request())).statusCode).toBe(202);
  expect(runs()).toBe(1);
});

test.each([Number.POSITIVE_INFINITY, 2 ** 33])(
  "a remaining time of %d is worked with",
  async (ms) => {
    const { call } = await open(() => () => CREATED);
    expect((await call(request(), { getRemainingTimeInMillis: () => ms })).statusCode).toBe(201);
  },
);

test("an empty list of multi-value headers does not hide the others", async () => {
  const { call, runs } = serviceOf(() => CREATED, { profile: dwolla() });
  const event = { ...request(), multiValueHeaders: {} };
  await call(event);
  await call(event);
  expect(runs()).toBe(1);
});

test("a context that is frozen is no obstacle", async () => {
  const { idempotent } = await import("../../../lib/index.ts");
  const handler = idempotent(() => CREATED, { store: memoryStore(), singleTenant: true });
  expect(await handler(request(), Object.freeze({}))).toEqual(CREATED);
});
