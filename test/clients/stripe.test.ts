import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import Stripe from "stripe";
import { countMoney } from "../e2e/money.ts";
import { runService } from "../e2e/service.ts";
import { type Front, startFront } from "./front.ts";

const service = runService();
const { cloud, holders, disturbAnswers } = service;
const { moved } = countMoney(service);

let front: Front;
beforeAll(async () => {
  front = await startFront(() => cloud().url);
});
afterAll(() => front.close());

/** Stripe's own client, pointed at the front. */
function client(maxNetworkRetries = 0): Stripe {
  const { port } = new URL(front.url);
  return new Stripe(holders().alice.token, {
    host: "127.0.0.1",
    port,
    protocol: "http",
    telemetry: false,
    maxNetworkRetries,
  });
}

const order = (amount = 100): Stripe.ChargeCreateParams => ({
  amount,
  currency: "eur",
  source: holders().alice.account,
  transfer_data: { destination: holders().bob.account },
});

test("a charge is made once, and repeated as the same charge", async () => {
  const idempotencyKey = randomUUID();
  const first = await client().charges.create(order(), { idempotencyKey });
  const repeat = await client().charges.create(order(), { idempotencyKey });
  expect(first).toMatchObject({ object: "charge", amount: 100, status: "succeeded" });
  expect(repeat.id).toBe(first.id);
  expect(repeat.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect((await client().charges.retrieve(first.id)).amount).toBe(100);
  expect(await moved()).toBe(100);
});

test("other parameters are its StripeIdempotencyError", async () => {
  const idempotencyKey = randomUUID();
  await client().charges.create(order(), { idempotencyKey });
  const other = client(2).charges.create(order(200), { idempotencyKey });
  await expect(other).rejects.toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  expect(await moved()).toBe(100);
});

test("an account that does not hold the amount is its StripeCardError, again and again", async () => {
  const idempotencyKey = randomUUID();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const refused = client(2).charges.create(order(100_000_000), { idempotencyKey });
    await expect(refused).rejects.toBeInstanceOf(Stripe.errors.StripeCardError);
  }
  expect(await moved()).toBe(0);
});

test("its own retries, after lost responses, end in one charge", async () => {
  front.cutAnswers("before", 2);
  const before = front.requests.length;
  const charge = await client(2).charges.create(order());
  expect(front.requests.slice(before)).toHaveLength(3);
  expect(charge.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect(await moved()).toBe(100);
}, 60_000);

test("a response that was cut in the middle is its StripeConnectionError; the retry gets the charge", async () => {
  const idempotencyKey = randomUUID();
  front.cutAnswers("middle");
  const cut = client(2).charges.create(order(), { idempotencyKey });
  await expect(cut).rejects.toBeInstanceOf(Stripe.errors.StripeConnectionError);
  const charge = await client().charges.create(order(), { idempotencyKey });
  expect(charge.lastResponse.headers["idempotent-replayed"]).toBe("true");
  expect(await moved()).toBe(100);
});

test("its own retries, after a function that died in mid-charge, end in one charge", async () => {
  let isDead = false;
  disturbAnswers(async ({ operation, environmentId }) => {
    if (operation !== "TransactWriteItems" || isDead) return "pass";
    isDead = true;
    await cloud().functions.kill(environmentId ?? "");
    return "drop";
  });
  const charge = await client(2).charges.create(order());
  expect(charge.status).toBe("succeeded");
  expect(isDead).toBe(true);
  expect(await moved()).toBe(100);
}, 60_000);

test("5 clients at once, each with its own retries, make one charge", async () => {
  const idempotencyKey = randomUUID();
  const all = Array.from({ length: 5 }, () =>
    client(5).charges.create(order(), { idempotencyKey }),
  );
  const charges = await Promise.all(all);
  expect(new Set(charges.map(({ id }) => id)).size).toBe(1);
  expect(await moved()).toBe(100);
}, 30_000);
