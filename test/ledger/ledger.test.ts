import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { dynamoDbLedger, type Ledger } from "../../lambda/ledger.ts";
import { accountKey } from "../../lambda/ledger-requests.ts";
import { startTables } from "./transfer-service.ts";

let stop: () => Promise<void>;
let ledger: Ledger;
let openAccount: (id: string, balanceMinor: number, details?: object) => Promise<void>;

beforeAll(async () => {
  const { client, tables, close } = await startTables();
  stop = close;
  ledger = dynamoDbLedger({ client, tableName: tables.ledger });
  const documents = DynamoDBDocumentClient.from(client);
  openAccount = async (id, balanceMinor, details = {}) => {
    const account = { id: accountKey(id), holder: holderOf(id), currency: "EUR", balanceMinor };
    const Item = { ...account, ...details };
    await documents.send(new PutCommand({ TableName: tables.ledger, Item }));
  };
});

afterAll(() => stop());

/** Each test has accounts of its own: `acc_overdraftAlice` belongs to `overdraftAlice`. */
const holderOf = (account: string) => account.slice("acc_".length);
const balanceOf = async (account: string) =>
  (await ledger.findAccount(account, holderOf(account)))?.balanceMinor;

const anyTime = () => ({
  deadlineMs: Date.now() + 10_000,
  signal: new AbortController().signal,
});

function transfer(
  id: string,
  from: string,
  to: string,
  amountMinor: number,
  { currency = "EUR", holder = holderOf(from) } = {},
) {
  return ledger.transfer({ id, holder, request: { from, to, amountMinor, currency } }, anyTime());
}

test("a transfer moves the amount and can be found by who made it, and by nobody else", async () => {
  await openAccount("acc_moveA", 1000);
  await openAccount("acc_moveB", 0);
  const outcome = await transfer("move", "acc_moveA", "acc_moveB", 400);
  expect(outcome).toEqual({
    kind: "transferred",
    transfer: {
      id: "move",
      from: "acc_moveA",
      to: "acc_moveB",
      amountMinor: 400,
      currency: "EUR",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
  });
  expect([await balanceOf("acc_moveA"), await balanceOf("acc_moveB")]).toEqual([600, 400]);
  expect({ kind: "transferred", transfer: await ledger.findTransfer("move", "moveA") }).toEqual(
    outcome,
  );
  expect(await ledger.findTransfer("move", "moveB")).toBeUndefined();
  expect(await ledger.findAccount("acc_moveA", "moveB")).toBeUndefined();
});

test("an account can be emptied but not overdrawn", async () => {
  await openAccount("acc_overA", 100);
  await openAccount("acc_overB", 0);
  expect(await transfer("over-1", "acc_overA", "acc_overB", 101)).toEqual({
    kind: "refused",
    refusal: { kind: "insufficient_funds", account: "acc_overA" },
  });
  expect(await balanceOf("acc_overB")).toBe(0);
  expect(await transfer("over-2", "acc_overA", "acc_overB", 100)).toMatchObject({
    kind: "transferred",
  });
  expect(await balanceOf("acc_overA")).toBe(0);
});

test("another holder's account cannot be debited, and looks like an unknown one", async () => {
  await openAccount("acc_foreignA", 100);
  await openAccount("acc_foreignB", 100);
  const foreign = await transfer("foreign-1", "acc_foreignA", "acc_foreignB", 10, {
    holder: "foreignB",
  });
  const unknown = await transfer("foreign-2", "acc_nobody", "acc_foreignB", 10, {
    holder: "foreignB",
  });
  expect(foreign).toEqual({
    kind: "refused",
    refusal: { kind: "unknown_account", account: "acc_foreignA" },
  });
  expect(unknown).toEqual({
    kind: "refused",
    refusal: { kind: "unknown_account", account: "acc_nobody" },
  });
  expect(await balanceOf("acc_foreignA")).toBe(100);
});

test("money is not sent to an account that does not exist", async () => {
  await openAccount("acc_lostA", 100);
  expect(await transfer("lost", "acc_lostA", "acc_nobody", 10)).toEqual({
    kind: "refused",
    refusal: { kind: "unknown_account", account: "acc_nobody" },
  });
  expect(await balanceOf("acc_lostA")).toBe(100);
});

test("both accounts have to be in the currency of the transfer", async () => {
  await openAccount("acc_currencyA", 100);
  await openAccount("acc_currencyB", 100, { currency: "USD" });
  expect(await transfer("currency-1", "acc_currencyA", "acc_currencyB", 10)).toEqual({
    kind: "refused",
    refusal: { kind: "currency_mismatch", account: "acc_currencyB" },
  });
  expect(await transfer("currency-2", "acc_currencyB", "acc_currencyA", 10)).toEqual({
    kind: "refused",
    refusal: { kind: "currency_mismatch", account: "acc_currencyB" },
  });
});

test("a balance never grows beyond what can be counted exactly", async () => {
  await openAccount("acc_limitA", 100);
  await openAccount("acc_limitB", Number.MAX_SAFE_INTEGER - 50);
  expect(await transfer("limit-1", "acc_limitA", "acc_limitB", 51)).toEqual({
    kind: "refused",
    refusal: { kind: "balance_limit", account: "acc_limitB" },
  });
  await transfer("limit-2", "acc_limitA", "acc_limitB", 50);
  expect(await balanceOf("acc_limitB")).toBe(Number.MAX_SAFE_INTEGER);
});

test("the same transfer again moves nothing and returns the first one", async () => {
  await openAccount("acc_againA", 1000);
  await openAccount("acc_againB", 0);
  const first = await transfer("again", "acc_againA", "acc_againB", 300);
  expect(await transfer("again", "acc_againA", "acc_againB", 300)).toEqual(first);
  expect([await balanceOf("acc_againA"), await balanceOf("acc_againB")]).toEqual([700, 300]);
});

test("the same transfer again is found even if it took all the money", async () => {
  await openAccount("acc_allA", 300);
  await openAccount("acc_allB", 0);
  const first = await transfer("all", "acc_allA", "acc_allB", 300);
  expect(await transfer("all", "acc_allA", "acc_allB", 300)).toEqual(first);
  expect(await balanceOf("acc_allB")).toBe(300);
});

test("another transfer under the same id is refused", async () => {
  await openAccount("acc_otherA", 1000);
  await openAccount("acc_otherB", 0);
  await transfer("other", "acc_otherA", "acc_otherB", 300);
  expect(await transfer("other", "acc_otherA", "acc_otherB", 301)).toEqual({
    kind: "refused",
    refusal: { kind: "id_in_use" },
  });
  expect(await balanceOf("acc_otherB")).toBe(300);
});

test("50 concurrent transfers conserve the money and overdraw nobody", async () => {
  await openAccount("acc_manyA", 1000);
  await openAccount("acc_manyB", 0);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      transfer(`many-${index}`, "acc_manyA", "acc_manyB", 30),
    ),
  );
  const made = outcomes.filter((outcome) => outcome.kind === "transferred").length;
  expect(made).toBe(33);
  expect([await balanceOf("acc_manyA"), await balanceOf("acc_manyB")]).toEqual([10, 990]);
});

test("20 concurrent sends of one transfer move the money once and agree on it", async () => {
  await openAccount("acc_onceA", 1000);
  await openAccount("acc_onceB", 0);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => transfer("once", "acc_onceA", "acc_onceB", 100)),
  );
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect([await balanceOf("acc_onceA"), await balanceOf("acc_onceB")]).toEqual([900, 100]);
});
