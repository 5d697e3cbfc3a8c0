import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  paidWrites,
  refusedWrites,
  reserveRefusal,
  reserveWrites,
} from "../../lambda/ledger/payouts.ts";
import type { PayoutOrder } from "../../lambda/payouts/payout.ts";
import { type LedgerOnEngine, startLedger, toHolder } from "./ledger-on-engine.ts";

let on: LedgerOnEngine;
beforeAll(async () => {
  on = await startLedger();
});
afterAll(() => on.close());

/** Each test has an account of its own: `acc_twice` belongs to `twice`. */
function createOrder(from: string, changes: Partial<PayoutOrder> = {}): PayoutOrder {
  const id = `po_${from}`;
  const beneficiary = "DE89370400440532013000";
  const holder = toHolder(from);
  return { id, holder, from, amountMinor: 30, currency: "EUR", beneficiary, ...changes };
}

/** The outcome of a reservation: the ledger's refusal, or `undefined`. */
async function reserve(order: PayoutOrder) {
  const refused = await on.commit(reserveWrites(on.tableName, order));
  return refused && (reserveRefusal(refused, order) ?? "reserved before");
}

const paid = (order: PayoutOrder) =>
  on.commit(paidWrites(on.tableName, order, { paymentId: "pay_1", createdAt: "2026-01-01" }));
const refused = (order: PayoutOrder) =>
  on.commit(refusedWrites(on.tableName, order, { reason: "closed", createdAt: "2026-01-01" }));

test("an amount is reserved once for each payout", async () => {
  await on.openAccount("acc_once", 100);
  const order = createOrder("acc_once");
  expect(await reserve(order)).toBeUndefined();
  expect(await reserve(order)).toBe("reserved before");
  expect(await on.readBalance("acc_once")).toBe(70);
});

test.each([
  ["more than there is", { amountMinor: 101 }, "insufficient_funds"],
  ["another currency", { currency: "USD" }, "currency_mismatch"],
  ["another holder's account", { holder: "mallory" }, "unknown_account"],
])("nothing is reserved for %s", async (_, changes, kind) => {
  await on.openAccount("acc_refused", 100);
  const refusal = await reserve(createOrder("acc_refused", changes));
  expect(refusal).toEqual({ kind, account: "acc_refused" });
  expect(await on.readBalance("acc_refused")).toBe(100);
});

test("an account that does not exist is unknown", async () => {
  const refusal = await reserve(createOrder("acc_nobody"));
  expect(refusal).toEqual({ kind: "unknown_account", account: "acc_nobody" });
});

test("a paid amount is gone", async () => {
  await on.openAccount("acc_paid", 100);
  const order = createOrder("acc_paid");
  await reserve(order);
  expect(await paid(order)).toBeUndefined();
  expect(await on.readBalance("acc_paid")).toBe(70);
});

test("a refused amount goes back, once", async () => {
  await on.openAccount("acc_back", 100);
  const order = createOrder("acc_back");
  await reserve(order);
  expect(await refused(order)).toBeUndefined();
  expect(await refused(order)).toMatchObject({ index: 0 });
  expect(await on.readBalance("acc_back")).toBe(100);
});

test("an amount that is not reserved cannot be paid", async () => {
  await on.openAccount("acc_early", 100);
  expect(await paid(createOrder("acc_early"))).toMatchObject({ index: 0 });
});

test("50 concurrent reservations overdraw no account", async () => {
  await on.openAccount("acc_many", 1000);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      reserve(createOrder("acc_many", { id: `po_many-${index}` })),
    ),
  );
  expect(outcomes.filter((refusal) => refusal === undefined)).toHaveLength(33);
  expect(await on.readBalance("acc_many")).toBe(10);
});
