import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { transferRefusal, transferWrites } from "../../lambda/ledger/transfers.ts";
import { newTransfer } from "../../lambda/transfers/transfer.ts";
import { type LedgerOnEngine, startLedger, toHolder } from "./ledger-on-engine.ts";

let on: LedgerOnEngine;
beforeAll(async () => {
  on = await startLedger();
});
afterAll(() => on.close());

/** Makes a transfer, or returns the ledger's refusal. Each test has accounts of its own. */
async function transfer(
  from: string,
  to: string,
  amountMinor: number,
  { currency = "EUR", holder = toHolder(from) } = {},
) {
  const request = { from, to, amountMinor, currency };
  const made = newTransfer(request);
  const refused = await on.commit(transferWrites(on.tableName, made, holder));
  return refused === undefined ? made : transferRefusal(refused, request, holder);
}

test("a transfer moves the amount, and only its sender can find it", async () => {
  await on.openAccount("acc_moveA", 1000);
  await on.openAccount("acc_moveB", 0);
  const made = await transfer("acc_moveA", "acc_moveB", 400);
  expect(made).toMatchObject({ id: expect.stringMatching(/^tr_/), amountMinor: 400 });
  expect([await on.readBalance("acc_moveA"), await on.readBalance("acc_moveB")]).toEqual([
    600, 400,
  ]);
  const { id } = made as { id: string };
  expect(await on.ledger.findTransfer(id, "moveA")).toEqual(made);
  expect(await on.ledger.findTransfer(id, "moveB")).toBeUndefined();
  expect(await on.ledger.findAccount("acc_moveA", "moveB")).toBeUndefined();
});

test("an account can be emptied but not overdrawn", async () => {
  await on.openAccount("acc_overA", 100);
  await on.openAccount("acc_overB", 0);
  expect(await transfer("acc_overA", "acc_overB", 101)).toEqual({
    kind: "insufficient_funds",
    account: "acc_overA",
  });
  expect(await on.readBalance("acc_overB")).toBe(0);
  expect(await transfer("acc_overA", "acc_overB", 100)).toMatchObject({ amountMinor: 100 });
  expect(await on.readBalance("acc_overA")).toBe(0);
});

test("another holder's account cannot be debited, and looks like an unknown one", async () => {
  await on.openAccount("acc_foreignA", 100);
  await on.openAccount("acc_foreignB", 100);
  const holder = "foreignB";
  expect(await transfer("acc_foreignA", "acc_foreignB", 10, { holder })).toEqual({
    kind: "unknown_account",
    account: "acc_foreignA",
  });
  expect(await transfer("acc_nobody", "acc_foreignB", 10, { holder })).toEqual({
    kind: "unknown_account",
    account: "acc_nobody",
  });
  expect(await on.readBalance("acc_foreignA")).toBe(100);
});

test("a client without access to the debited account learns nothing about the credited account", async () => {
  await on.openAccount("acc_quiet", 100);
  expect(await transfer("acc_quiet", "acc_nobody", 10, { holder: "mallory" })).toEqual({
    kind: "unknown_account",
    account: "acc_quiet",
  });
});

test("money is not sent to an account that does not exist", async () => {
  await on.openAccount("acc_lostA", 100);
  expect(await transfer("acc_lostA", "acc_nobody", 10)).toEqual({
    kind: "unknown_account",
    account: "acc_nobody",
  });
  expect(await on.readBalance("acc_lostA")).toBe(100);
});

test("both accounts have to be in the currency of the transfer", async () => {
  await on.openAccount("acc_currencyA", 100);
  await on.openAccount("acc_currencyB", 100, { currency: "USD" });
  const refusal = { kind: "currency_mismatch", account: "acc_currencyB" };
  expect(await transfer("acc_currencyA", "acc_currencyB", 10)).toEqual(refusal);
  expect(await transfer("acc_currencyB", "acc_currencyA", 10)).toEqual(refusal);
});

test("a balance never grows beyond the largest safe integer", async () => {
  await on.openAccount("acc_limitA", 100);
  await on.openAccount("acc_limitB", Number.MAX_SAFE_INTEGER - 50);
  expect(await transfer("acc_limitA", "acc_limitB", 51)).toEqual({
    kind: "balance_limit",
    account: "acc_limitB",
  });
  await transfer("acc_limitA", "acc_limitB", 50);
  expect(await on.readBalance("acc_limitB")).toBe(Number.MAX_SAFE_INTEGER);
});

test("a recorded transfer is never overwritten", async () => {
  await on.openAccount("acc_twiceA", 100);
  await on.openAccount("acc_twiceB", 0);
  const request = { from: "acc_twiceA", to: "acc_twiceB", amountMinor: 10, currency: "EUR" };
  const made = newTransfer(request);
  const writes = transferWrites(on.tableName, made, "twiceA");
  expect(await on.commit(writes)).toBeUndefined();
  const refused = await on.commit(writes);
  expect(refused).toMatchObject({ index: 2 });
  expect(refused && transferRefusal(refused, request, "twiceA")).toBeUndefined();
  expect(await on.readBalance("acc_twiceA")).toBe(90);
});

test("50 concurrent transfers conserve the money and overdraw no account", async () => {
  await on.openAccount("acc_manyA", 1000);
  await on.openAccount("acc_manyB", 0);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => transfer("acc_manyA", "acc_manyB", 30)),
  );
  expect(outcomes.filter((outcome) => outcome && "id" in outcome)).toHaveLength(33);
  expect([await on.readBalance("acc_manyA"), await on.readBalance("acc_manyB")]).toEqual([10, 990]);
});
