import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { type Books, keepBooks, NOTHING } from "./books.ts";
import { findStep, STEPS } from "./payout-steps.ts";
import { createPayout, runService } from "./service.ts";

const service = runService();
const { cloud, bank, holders, payout, post, get, advanceClock, disturb } = service;
const { changes } = keepBooks(service);

const PAID: Books = { ...NOTHING, alice: -100, paidOut: 100, paid: 100 };

/** Kills a function once, before its request reaches the engine. */
function killBefore(isIt: (request: Parameters<typeof findStep>[0]) => boolean): void {
  let isDead = false;
  disturb(async (request) => {
    if (isDead || !isIt(request)) return "forward";
    isDead = true;
    await cloud().functions.kill(request.environmentId ?? "");
    return "drop-request";
  });
}

test.each(STEPS)(
  "O12: killed at step %s, and the client never retries: the completer finishes it, once begun",
  async (step) => {
    const key = randomUUID();
    killBefore((request) => findStep(request) === step);
    expect((await payout({ key })).status).toBe(500);
    // The lease has not lapsed, so the completer leaves the record alone.
    const before = await changes();
    await cloud().runSchedules();
    expect(await changes()).toEqual(before);

    advanceClock(12_000);
    await cloud().runSchedules();
    const isBegun = step !== "reserve";
    expect(await changes()).toEqual(isBegun ? PAID : NOTHING);
    const late = await payout({ key });
    expect([late.status, late.headers.get("idempotent-replayed")]).toEqual([
      201,
      isBegun ? "true" : null,
    ]);
    expect((await get(late.headers.get("location") ?? "")).status).toBe(200);
    await cloud().runSchedules();
    expect(await changes()).toEqual(PAID);
  },
  60_000,
);

test("the completer tries a request that it cannot finish again later, and later again", async () => {
  const key = randomUUID();
  bank().next("fail", "fail");
  expect((await payout({ key })).status).toBe(503);
  advanceClock(12_000);
  await cloud().runSchedules();
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, reserved: 100 });
  // Not at once: the bank is given a minute.
  await cloud().runSchedules();
  advanceClock(75_000);
  await cloud().runSchedules();
  expect(await changes()).toEqual(PAID);
}, 60_000);

test("a payout without a key is never executed again: once begun, its outcome is UNKNOWN", async () => {
  killBefore((request) => findStep(request) === "bank");
  expect((await payout({})).status).toBe(500);
  const before = await changes();
  advanceClock(12_000);
  await cloud().runSchedules();
  expect(await changes()).toEqual(before);
  advanceClock(60 * 60 * 1000);
  await cloud().runSchedules();
  expect(await changes()).toEqual(before);
}, 60_000);

test("a payout too large to be kept is not executed by the completer, and its client resumes it", async () => {
  const order = { key: randomUUID(), body: createPayout(holders()) + " ".repeat(100_000) };
  killBefore((request) => findStep(request) === "bank");
  expect((await payout(order)).status).toBe(500);
  const before = await changes();
  advanceClock(12_000);
  await cloud().runSchedules();
  expect(await changes()).toEqual(before);
  expect((await payout(order)).status).toBe(201);
  expect(await changes()).toEqual(PAID);
}, 60_000);

test("a payout that the bank refuses to make for a day is stuck, and its client still resumes it", async () => {
  const order = { key: randomUUID() };
  bank().next("fail");
  expect((await payout(order)).status).toBe(503);
  advanceClock(24 * 60 * 60 * 1000);
  for (const _ of ["marked", "counted"]) {
    await cloud().runSchedules();
    expect(await changes()).toEqual({ ...NOTHING, alice: -100, reserved: 100 });
    advanceClock(60 * 60 * 1000);
  }
  expect((await payout(order)).status).toBe(201);
  expect(await changes()).toEqual(PAID);
}, 60_000);

test("G8: killed behind the claim, the completer ends it, and retries still get 409", async () => {
  const { alice, bob } = holders();
  const Idem = randomUUID();
  const order = { Source: alice.account, Target: bob.account, Amount: "1.00", Currency: "EUR" };
  const body = JSON.stringify({ ...order, Idem });
  killBefore(({ operation }) => operation === "TransactWriteItems");
  expect((await post("/v1/transactions", { body })).status).toBe(500);
  advanceClock(12_000);
  expect((await post("/v1/transactions", { body })).status).toBe(409);
  expect(await changes()).toEqual(NOTHING);
  await cloud().runSchedules();
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, bob: 100 });
  expect((await post("/v1/transactions", { body })).status).toBe(409);
  await cloud().runSchedules();
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, bob: 100 });
}, 60_000);
