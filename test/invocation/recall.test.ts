import { describe, expect, test } from "@jest/globals";
import { dfns, dwolla, gluwa, type IdempotencyOptions, memoryStore } from "../../lib/index.ts";
import type { ReadOptions } from "../../lib/protocol/store.ts";
import { httpApiEvent } from "../support/events.ts";
import { createTransfer, serviceOf, type TestContext } from "../support/service.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const order = httpApiEvent({ method: "POST", path: "/transfers", key: "k", body: '{"amount":1}' });

/** A memory store, and the calls that it got. */
function watchedStore(failure?: { read: Error }) {
  const store = memoryStore();
  const asked: string[] = [];
  return {
    asked,
    store: {
      ...store,
      claim: (...request: Parameters<typeof store.claim>) => {
        asked.push("claim");
        return store.claim(...request);
      },
      read: (id: string, options: ReadOptions = {}) => {
        asked.push(`read, ${options.consistency ?? "strong"}`);
        return failure ? Promise.reject(failure.read) : store.read(id);
      },
    },
  };
}

function service(
  options: Partial<IdempotencyOptions<unknown, TestContext>>,
  failure?: { read: Error },
) {
  const { store, asked } = watchedStore(failure);
  return { ...serviceOf(createTransfer, { profile: dwolla(), store, ...options }), asked };
}

describe("with a cache,", () => {
  test("a repeat gets the first response without a round trip", async () => {
    const { call, asked, runs } = service({ cache: {} });
    const first = await call(order);
    const repeat = await call(order);
    expect(repeat).toEqual({
      ...first,
      headers: { ...first.headers, "Idempotent-Replayed": "true" },
    });
    expect(asked).toEqual(["claim"]);
    expect(runs()).toBe(1);
  });

  test("a caller that changes its response does not change later replays", async () => {
    const { call } = service({ cache: {} });
    await call(order);
    const repeat = (await call(order)) as { headers: Record<string, string> };
    repeat.headers.location = "/stolen";
    expect((await call(order)).headers?.location).toBe("/transfers/1");
  });

  test("another payload under the key is refused without a round trip, too", async () => {
    const { call, asked, runs } = service({ cache: {} });
    await call(order);
    expect((await call({ ...order, body: '{"amount":2}' })).statusCode).toBe(422);
    expect(asked).toEqual(["claim"]);
    expect(runs()).toBe(1);
  });

  test("an expired record is not used", async () => {
    const { call, clock, runs } = service({ cache: {} });
    await call(order);
    clock.advance(DAY_MS - 1_000);
    await call(order);
    expect(runs()).toBe(1);
    clock.advance(1_000);
    expect((await call(order)).headers?.location).toBe("/transfers/2");
  });

  test("tenants do not see each other's responses", async () => {
    const { call, runs } = service({
      singleTenant: undefined,
      tenant: (event: unknown) => (event as { tenant: string }).tenant,
      cache: {},
    } as never);
    await call({ ...order, tenant: "a" });
    expect((await call({ ...order, tenant: "b" })).headers?.location).toBe("/transfers/2");
    expect(runs()).toBe(2);
  });

  test("a response that was not recorded is not remembered", async () => {
    const { store } = watchedStore();
    const { call, runs } = serviceOf(({ count }) => ({ statusCode: count === 1 ? 503 : 201 }), {
      store,
      cache: {},
    });
    expect((await call(order)).statusCode).toBe(503);
    expect((await call(order)).statusCode).toBe(201);
    expect(runs()).toBe(2);
  });

  test("another process's response is remembered from its first repeat on", async () => {
    const { store, asked } = watchedStore();
    await serviceOf(createTransfer, { store, profile: dwolla() }).call(order);
    const other = serviceOf(createTransfer, { store, profile: dwolla(), cache: {} });
    for (let times = 0; times < 3; times += 1) {
      expect((await other.call(order)).headers?.location).toBe("/transfers/1");
    }
    expect(asked).toEqual(["claim", "claim"]);
    expect(other.runs()).toBe(0);
  });

  test("a tombstone refuses, as in the store", async () => {
    const body = '{"Idem":"8e03978e-40d5-43e8-bc93-6894a57f9324"}';
    const { call, asked } = service({ profile: gluwa(), cache: {} });
    await call({ ...order, body });
    expect((await call({ ...order, body })).statusCode).toBe(409);
    expect(asked).toEqual(["claim"]);
  });

  test("an entity is loaded in its present state", async () => {
    let state = "Pending";
    const { call } = service({
      profile: dfns("transfers"),
      loadEntity: (id) => ({ statusCode: 200, body: `${id} ${state}` }),
      cache: {},
    });
    const body = '{"externalId":"x"}';
    await call({ ...order, body });
    state = "Confirmed";
    expect((await call({ ...order, body })).body).toMatch(/^[0-9a-f-]{36} Confirmed$/);
  });
});

describe("with readFirst", () => {
  test('"always", a repeat costs one eventually consistent read and no write', async () => {
    const { call, asked, runs } = service({ readFirst: "always" });
    await call(order);
    expect((await call(order)).headers).toMatchObject({ "Idempotent-Replayed": "true" });
    expect(asked).toEqual(["read, eventual", "claim", "read, eventual"]);
    expect(runs()).toBe(1);
  });

  test('"suspected", the first request under a key is claimed at once, and later requests are read', async () => {
    const { call, asked } = service({ readFirst: "suspected" });
    await call(order);
    await call(order);
    expect(asked).toEqual(["claim", "read, eventual"]);
  });

  test('"suspected", a request with a retry header is read', async () => {
    const { call, asked } = service({ readFirst: "suspected" });
    const headers = { ...order.headers, "x-stainless-retry-count": "1" };
    await call({ ...order, headers });
    expect(asked).toEqual(["read, eventual", "claim"]);
  });

  test.each([
    ["2", ["read, eventual", "claim"]],
    ["1", ["claim"]],
  ])(
    '"suspected", a request that a queue delivers for the time %s asks %j',
    async (count, expected) => {
      const { call, asked } = service({ readFirst: "suspected" });
      await call({ ...order, attributes: { ApproximateReceiveCount: count } });
      expect(asked).toEqual(expected);
    },
  );

  test('"never", which is the default, nothing is read', async () => {
    const { call, asked } = service({});
    await call(order);
    await call(order);
    expect(asked).toEqual(["claim", "claim"]);
  });

  test("after a read that fails the claim decides", async () => {
    const { call, runs } = service({ readFirst: "always" }, { read: new Error("throttled") });
    expect((await call(order)).statusCode).toBe(201);
    expect((await call(order)).headers?.location).toBe("/transfers/1");
    expect(runs()).toBe(1);
  });

  test("after a read of a request in flight the claim decides", async () => {
    const { store, asked } = watchedStore();
    let finish = () => {};
    const { call } = serviceOf(
      () => new Promise((resolve) => (finish = () => resolve({ statusCode: 201 }))),
      { store, readFirst: "always" },
    );
    const first = call(order);
    await new Promise(setImmediate);
    expect((await call(order)).statusCode).toBe(409);
    expect(asked).toEqual(["read, eventual", "claim", "read, eventual", "claim"]);
    finish();
    await first;
  });
});
