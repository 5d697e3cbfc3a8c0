import { afterAll, beforeAll, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { dwolla } from "../../../lib/index.ts";
import { idempotency } from "../../../lib/middy.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import type { Answer } from "../../support/service.ts";
import { type OpenParameters, openService } from "./open-service.ts";

/* A request without a key, where the profile lets it pass, commits as carefully as any other. */

const CREATED = { statusCode: 201, body: "{}" };
const MOVED = [90, 110];
const NOT_MOVED = [100, 100];
const REQUEST = httpApiEvent({});

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const open = (behaviour: OpenParameters[0], options: OpenParameters[1] = {}) =>
  openService(engine, behaviour, { profile: dwolla(), ...options });

test("a commit that the handler does not wait for is waited for", async () => {
  const { call, balances } = await open(({ move }) => ({ context }) => {
    void context.idempotency.commit(move(10), CREATED);
    return CREATED;
  });
  expect(await call(REQUEST)).toEqual(CREATED);
  expect(await balances()).toEqual(MOVED);
});

test("a commit that the business refused, unseen by the handler, is no success", async () => {
  const { call, balances } = await open(({ move }) => ({ context }) => {
    context.idempotency.commit(move(1_000), CREATED).catch(() => {});
    return CREATED;
  });
  await expect(call(REQUEST)).rejects.toMatchObject({ name: "IdempotencyCommitRefused" });
  expect(await balances()).toEqual(NOT_MOVED);
});

test.each<[string, () => unknown]>([
  ["returned", () => CREATED],
  ["thrown", () => Promise.reject(new Error("invalid"))],
])("a commit after the handler has %s moves no money", async (_how, end) => {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  let late: Promise<unknown> | undefined;
  const { call, balances } = await open(({ move }) => ({ context }) => {
    late = answered.then(() => context.idempotency.commit(move(10), CREATED));
    return end();
  });
  await Promise.allSettled([call(REQUEST)]);
  resolve();
  await expect(late).rejects.toThrow("the execution has ended with another response");
  expect(await balances()).toEqual(NOT_MOVED);
});

test("an error after a commit that the handler does not wait for comes when the commit is known", async () => {
  const { call, balances } = await open(({ move }) => ({ context }) => {
    void context.idempotency.commit(move(10), CREATED);
    throw new Error("no such webhook");
  });
  await expect(call(REQUEST)).rejects.toThrow("no such webhook");
  expect(await balances()).toEqual(MOVED);
});

test("an error after a commit of unknown outcome does not hide that", async () => {
  const { call } = await openService(
    engine,
    ({ move }) =>
      async ({ context }) => {
        await context.idempotency.commit(move(10), CREATED);
        throw new Error("no such webhook");
      },
    { profile: dwolla() },
    (command) => (command === "TransactWriteItems" ? "collided" : "none"),
  );
  const refused = await call(REQUEST, { getRemainingTimeInMillis: () => 1_100 });
  expect(refused.statusCode).toBe(503);
});

test("a 4xx that is thrown after the commit does not tell that nothing has happened", async () => {
  const { call, balances } = await open(({ move }) => async ({ context }) => {
    await context.idempotency.commit(move(10), CREATED);
    throw Object.assign(new Error("no such webhook"), { statusCode: 404 });
  });
  expect(await call(REQUEST)).toEqual(CREATED);
  expect(await balances()).toEqual(MOVED);
});

test("a time-out is reported at once and aborts the signal, and a later commit moves nothing", async () => {
  const { store, move, balances } = await open(() => () => CREATED);
  const { promise: wake, resolve } = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  const signals: AbortSignal[] = [];
  const handler = middy({ timeoutEarlyInMillis: 9_990 })
    .use(idempotency({ store, singleTenant: true, profile: dwolla() }))
    .handler((_event, { idempotency }) => {
      signals.push(idempotency.signal);
      const committed = wake.then(() => idempotency.commit(move(10), CREATED));
      late.push(committed);
      return committed;
    }) as unknown as (event: unknown, context: object) => Promise<Answer>;
  const timedOut = handler(REQUEST, { getRemainingTimeInMillis: () => 10_000 });
  await expect(timedOut).rejects.toThrow("aborted");
  expect(signals[0]?.aborted).toBe(true);
  resolve();
  await expect(late[0]).rejects.toThrow("the execution has ended");
  expect(await balances()).toEqual(NOT_MOVED);
});

test("another response than the committed one is not sent", async () => {
  const { call, observed } = await open(
    ({ move }) =>
      async ({ context }) => {
        await context.idempotency.commit(move(10), CREATED);
        return { statusCode: 202 };
      },
    { differentResponse: "warn" },
  );
  expect(await call(REQUEST)).toEqual(CREATED);
  expect(observed.map(({ kind }) => kind)).toEqual(["completed", "responseDiffers"]);
});

test("the committed response may be shaped by other middlewares", async () => {
  const { store, move } = await open(() => () => CREATED);
  const handler = middy()
    .use(
      idempotency({
        store,
        singleTenant: true,
        profile: dwolla(),
        differentResponse: "warn",
        observe() {},
      }),
    )
    .use({ after: (request) => void Object.assign(request.response as object, { body: "shaped" }) })
    .handler(async (_event, { idempotency }) => ({
      ...(await idempotency.commit(move(10), CREATED)),
    }));
  const answer = (await handler(REQUEST as never, {} as never)) as Answer;
  expect(answer).toEqual({ ...CREATED, body: "shaped" });
});

test("near the deadline, a hook's error comes when the commit is known, and no later one is applied", async () => {
  const { store, move, balances } = await open(() => () => CREATED);
  const late: (() => Promise<unknown>)[] = [];
  const handler = middy()
    .use(idempotency({ store, singleTenant: true, profile: dwolla() }))
    .use({
      after() {
        throw Object.assign(new Error("hook"), { statusCode: 404 });
      },
    })
    .handler((event, { idempotency }) => {
      const commit = () => idempotency.commit(move(10), CREATED);
      if ((event as { readonly body: string }).body === "commits") void commit();
      else late.push(commit);
      return CREATED;
    }) as unknown as (event: unknown, context: object) => Promise<Answer>;
  const context = { getRemainingTimeInMillis: () => 50 };
  expect(await handler(httpApiEvent({ body: "commits" }), context)).toEqual(CREATED);
  expect(await balances()).toEqual(MOVED);
  await expect(handler(httpApiEvent({ body: "waits" }), context)).rejects.toThrow("hook");
  await expect(late[0]?.()).rejects.toThrow("the execution has ended");
  expect(await balances()).toEqual(MOVED);
});
