import { expect, test } from "@jest/globals";
import { gluwa, memoryStore } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, serviceOf } from "../support/service.ts";

const IDEM = "8e03978e-40d5-43e8-bc93-6894a57f9324";

const request = (body: object = { Idem: IDEM }, customer = "customer-1", headers = {}) => ({
  ...httpApiEvent({ path: "/v1/transactions", body: JSON.stringify(body), headers }),
  customer,
});

const accepted: Behaviour = () => ({ statusCode: 202 });

const open = (behaviour: Behaviour = accepted, options: object = {}) =>
  serviceOf(behaviour, {
    singleTenant: undefined,
    tenant: (event: unknown) => (event as { customer: string }).customer,
    profile: gluwa(),
    ...options,
  } as never);

const CONFLICT = {
  statusCode: 409,
  body: '{"Code":"Conflict","Message":"Transfer already exists."}',
};

test("G1: without Idem, twice is two transactions", async () => {
  const { call, runs } = open();
  await call(request({ Amount: "1" }));
  await call(request({ Amount: "1" }));
  expect(runs()).toBe(2);
});

test('G2: Idem "abc" is a ValidationError that names the member, and nothing executes', async () => {
  const { call, runs } = open();
  const refused = await call(request({ Idem: "abc" }));
  expect(refused.statusCode).toBe(400);
  expect(JSON.parse(refused.body ?? "")).toEqual({
    Code: "ValidationError",
    Message: expect.stringContaining("is not a UUID"),
    InnerErrors: [
      { Code: "InvalidValue", Path: "Idem", Message: expect.stringContaining("is not a UUID") },
    ],
  });
  expect(runs()).toBe(0);
});

test("G3: 202, then 409, never the original response", async () => {
  const { call, runs } = open();
  expect((await call(request())).statusCode).toBe(202);
  expect(await call(request())).toMatchObject(CONFLICT);
  expect(runs()).toBe(1);
});

test("G4: another amount is denied in the same words", async () => {
  const { call } = open();
  await call(request({ Idem: IDEM, Amount: "1" }));
  expect(await call(request({ Idem: IDEM, Amount: "2" }))).toMatchObject(CONFLICT);
});

test.each<[string, Behaviour]>([
  ["answered 500", () => ({ statusCode: 500 })],
  ["answered 402", () => ({ statusCode: 402 })],
  [
    "threw",
    () => {
      throw new Error("the network is down");
    },
  ],
])("G5: a first transaction that %s is denied to its retry all the same", async (_how, fails) => {
  const { call, runs, clock } = open(fails);
  await call(request()).catch(() => {});
  expect(await call(request())).toMatchObject(CONFLICT);
  clock.advance(60_000);
  expect(await call(request())).toMatchObject(CONFLICT);
  expect(runs()).toBe(1);
});

test("G6: of 25 at once one is accepted, and 24 are denied at once", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { call, clock } = open(async () => {
    await promise;
    return { statusCode: 202 };
  });
  const first = call(request());
  const before = clock.now();
  const others = await Promise.all(Array.from({ length: 24 }, () => call(request())));
  for (const other of others) expect(other).toMatchObject(CONFLICT);
  expect(clock.now()).toBe(before);
  resolve();
  expect((await first).statusCode).toBe(202);
});

test("G7: a request that validation refuses does not use the Idem up", async () => {
  const { call } = open(({ count }) => {
    if (count === 1) throw Object.assign(new Error("no amount"), { statusCode: 400 });
    return { statusCode: 202 };
  });
  await expect(call(request())).rejects.toThrow("no amount");
  expect((await call(request({ Idem: IDEM, Amount: "1" }))).statusCode).toBe(202);
});

test("G7: nor does a request that the handler rejects before it begins", async () => {
  const { call } = open(({ count, context }) =>
    count === 1 ? context.idempotency.reject({ statusCode: 403 }) : { statusCode: 202 },
  );
  expect((await call(request())).statusCode).toBe(403);
  expect((await call(request())).statusCode).toBe(202);
});

test("G8: killed after the claim, it is denied even when the lease has lapsed", async () => {
  const store = memoryStore();
  const dying = open(() => new Promise(() => {}), { store });
  void dying.call(request());
  while (dying.runs() === 0) await new Promise((next) => setImmediate(next));
  dying.clock.advance(24 * 60 * 60_000);
  const retry = open(accepted, { store, clock: dying.clock });
  expect(await retry.call(request())).toMatchObject(CONFLICT);
  expect(retry.runs()).toBe(0);
});

test("G9: another customer's same Idem is another transaction", async () => {
  const { call } = open();
  await call(request());
  expect((await call(request({ Idem: IDEM }, "customer-2"))).statusCode).toBe(202);
});

test("G10: five years later it is still denied", async () => {
  const { call, clock } = open();
  await call(request());
  clock.advance(5 * 365 * 24 * 60 * 60_000);
  expect(await call(request())).toMatchObject(CONFLICT);
});

test("G11: upper and lower case are the same UUID", async () => {
  const { call } = open();
  await call(request({ Idem: IDEM.toUpperCase() }));
  // Another text is another payload as well; either way it is denied.
  expect(await call(request())).toMatchObject(CONFLICT);
});

test("G12: a header Idempotency-Key means nothing", async () => {
  const { call, runs } = open();
  const headers = { "Idempotency-Key": IDEM };
  await call(request({ Amount: "1" }, "customer-1", headers));
  await call(request({ Amount: "1" }, "customer-1", headers));
  expect(runs()).toBe(2);
});

test("a completed record is a tombstone: it holds no body", async () => {
  const store = memoryStore();
  const records: unknown[] = [];
  const complete: typeof store.complete = (completion) => {
    records.push(completion.response);
    return store.complete(completion);
  };
  const { call } = open(() => ({ statusCode: 202, body: "secret" }), {
    store: { ...store, complete },
  });
  await call(request());
  expect(records).toEqual(['{"statusCode":202}']);
});
