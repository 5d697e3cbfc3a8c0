import { expect, test } from "@jest/globals";
import { stripe } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, createTransfer, serviceOf } from "../support/service.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const charge = (body = "amount=100&currency=eur", key: string | undefined = "k") =>
  httpApiEvent({ path: "/v1/charges", headers: FORM, body, ...(key !== undefined && { key }) });

const open = (behaviour: Behaviour = createTransfer) => serviceOf(behaviour, { profile: stripe() });
const readError = (answer: { body?: string }) => JSON.parse(answer.body ?? "{}").error;

test("without a key, every request executes", async () => {
  const { call, runs } = open();
  const event = httpApiEvent({ path: "/v1/charges", headers: FORM, body: "amount=1" });
  await call(event);
  await call(event);
  expect(runs()).toBe(2);
});

test("the same parameters, in any order, get the first response, marked as a replay", async () => {
  const { call, runs } = open();
  await call(charge());
  const replay = await call(charge("currency=eur&amount=100"));
  expect(replay).toMatchObject({ statusCode: 201, headers: { "Idempotent-Replayed": "true" } });
  expect(runs()).toBe(1);
});

test("other parameters are an idempotency_error with 400, which a retry cannot mend", async () => {
  const { call } = open();
  await call(charge());
  const refused = await call(charge("amount=101&currency=eur"));
  expect(refused.statusCode).toBe(400);
  expect(readError(refused).type).toBe("idempotency_error");
  expect(refused.headers).toMatchObject({ "stripe-should-retry": "false" });
});

test("the key belongs to the account: another route with it is other parameters", async () => {
  const { call } = open();
  await call(charge());
  const event = httpApiEvent({ path: "/v1/refunds", headers: FORM, body: "amount=100", key: "k" });
  expect((await call(event)).statusCode).toBe(400);
});

test.each([200, 402, 404, 500, 503])(
  "%i is kept and replayed, once execution began",
  async (statusCode) => {
    const { call, runs } = open(({ count }) => ({ statusCode, body: String(count) }));
    await call(charge());
    expect(await call(charge())).toMatchObject({ statusCode, body: "1" });
    expect(runs()).toBe(1);
  },
);

test.each([401, 409, 429])("%i is not kept", async (statusCode) => {
  const { call, runs } = open(({ count }) => ({ statusCode: count === 1 ? statusCode : 200 }));
  await call(charge());
  expect((await call(charge())).statusCode).toBe(200);
  expect(runs()).toBe(2);
});

test("a request in flight is 409, and says that a retry will help", async () => {
  const { call, runs } = open(() => new Promise(() => {}));
  void call(charge());
  while (runs() === 0) await new Promise((next) => setImmediate(next));
  const refused = await call(charge());
  expect(refused).toMatchObject({ statusCode: 409, headers: { "stripe-should-retry": "true" } });
  expect(readError(refused).code).toBe("idempotency_key_in_use");
});

test("an error that is thrown keeps nothing", async () => {
  const { call, runs } = open(({ count }) => {
    if (count === 1) throw new Error("crash");
    return { statusCode: 200 };
  });
  await expect(call(charge())).rejects.toThrow("crash");
  expect((await call(charge("amount=7"))).statusCode).toBe(400);
  expect((await call(charge())).statusCode).toBe(200);
  expect(runs()).toBe(2);
});

test("a request that is rejected before it began frees its key", async () => {
  const { call } = open(({ count, context }) =>
    count === 1 ? context.idempotency.reject({ statusCode: 400 }) : { statusCode: 200 },
  );
  expect((await call(charge())).statusCode).toBe(400);
  expect((await call(charge("amount=7"))).statusCode).toBe(200);
});

test("after a crash a rejection does not free it: the first execution may have begun", async () => {
  const { call } = open(({ count, context }) => {
    if (count === 1) throw new Error("crash");
    return context.idempotency.reject({ statusCode: 400 });
  });
  await expect(call(charge())).rejects.toThrow("crash");
  await call(charge());
  const other = await call(charge("amount=7"));
  expect(readError(other).code).toBe("payload_mismatch");
});

test("a key of 255 characters is the longest", async () => {
  const { call } = open();
  expect((await call(charge(undefined, "k".repeat(255)))).statusCode).toBe(201);
  expect((await call(charge(undefined, "k".repeat(256)))).statusCode).toBe(400);
});
