import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { countRoundTrips } from "../../local/round-trips.ts";
import { localClient } from "../../local/tables.ts";
import { until } from "../local/processes.ts";
import { payoutOf, runService } from "./service.ts";

const service = runService();
const { cloud, bank, holders, payout, balances, advanceClock, disturb, disturbAnswers } = service;

/** What everybody has, what is put aside, and what the bank has paid, in minor units. */
interface Books {
  readonly alice: number;
  readonly bob: number;
  readonly reserved: number;
  /** By the ledger. */
  readonly paidOut: number;
  /** By the bank. */
  readonly paid: number;
}

async function books(): Promise<Books> {
  const [alice, bob] = await balances();
  const items = await ledgerItems();
  const sumOf = (kind: string, status?: string) =>
    items
      .filter((item) => item.id.startsWith(`${kind}/`) && item.status === status)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return {
    alice,
    bob,
    reserved: sumOf("reservation"),
    paidOut: sumOf("payout", "paid"),
    paid: bank().payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  };
}

async function ledgerItems() {
  const client = localClient(cloud().engine.endpoint);
  try {
    const { Items = [] } = await DynamoDBDocumentClient.from(client).send(
      new ScanCommand({ TableName: cloud().tableName("Ledger"), ConsistentRead: true }),
    );
    return Items as { id: string; status?: string; amountMinor: number }[];
  } finally {
    client.destroy();
  }
}

let before: Books;
beforeEach(async () => {
  before = await books();
});

afterEach(async () => {
  const { alice, bob, reserved, paidOut } = await books();
  // Nothing is made or lost: what is not in an account is put aside or paid out.
  expect(alice + bob + reserved + paidOut).toBe(
    before.alice + before.bob + before.reserved + before.paidOut,
  );
});

/** What has become of the money since the test began. */
async function changes(): Promise<Books> {
  const now = await books();
  const names = Object.keys(now) as (keyof Books)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as never;
}

const NOTHING: Books = { alice: 0, bob: 0, reserved: 0, paidOut: 0, paid: 0 };
const RESERVED: Books = { ...NOTHING, alice: -100, reserved: 100 };
const PAID: Books = { ...NOTHING, alice: -100, paidOut: 100, paid: 100 };

test("a payout is paid once, and its repeat gets the same answer in one round trip", async () => {
  const count = () => countRoundTrips(cloud(), "Authorizer", () => payout({ key: "twice" }));
  const { result: first, roundTrips } = await count();
  expect(first.status).toBe(201);
  expect(first.headers.get("location")).toBe(`/payouts/${JSON.parse(first.text).id}`);
  expect(JSON.parse(first.text)).toEqual({
    ...JSON.parse(payoutOf(holders())),
    id: expect.stringMatching(/^po_/),
    paymentId: bank().payments.at(-1)?.paymentId,
    createdAt: expect.any(String),
  });
  // Claim, reserve, commit.
  expect(roundTrips).toBe(3);

  const second = await count();
  expect(second.result.text).toBe(first.text);
  expect(second.result.headers.get("idempotent-replayed")).toBe("true");
  expect(second.roundTrips).toBe(1);
  expect(await changes()).toEqual(PAID);

  const found = await service.get(first.headers.get("location") ?? "");
  expect(JSON.parse(found.text)).toEqual({ ...JSON.parse(first.text), status: "paid" });
});

test("more than there is comes to no payment, and the refusal is what every repeat gets", async () => {
  const body = payoutOf(holders(), { amountMinor: 1_000_000 });
  const first = await payout({ key: "overdraft", body });
  expect(first).toMatchObject({ status: 422, error: { code: "insufficient_funds" } });
  const second = await payout({ key: "overdraft", body });
  expect(second.text).toBe(first.text);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(await changes()).toEqual(NOTHING);
});

test("a malformed payout is refused and frees its key", async () => {
  const body = payoutOf(holders(), { beneficiary: "Bob's other account" });
  const refused = await payout({ key: "malformed", body });
  expect(refused).toMatchObject({ status: 400, error: { code: "member_invalid" } });
  expect(await changes()).toEqual(NOTHING);
  expect((await payout({ key: "malformed" })).status).toBe(201);
});

test("a failing bank leaves the amount put aside, and the retry goes on from there", async () => {
  bank().next("fail");
  const failed = await payout({ key: "bank-fails" });
  expect(failed).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(failed.headers.get("retry-after")).toBe("1");
  expect(await changes()).toEqual(RESERVED);

  expect((await payout({ key: "bank-fails" })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
});

test("a bank whose answer was lost has paid, and the retry makes no second payment", async () => {
  bank().next("lose-answer");
  const lost = await payout({ key: "answer-lost" });
  expect(lost).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(await changes()).toEqual({ ...RESERVED, paid: 100 });

  expect((await payout({ key: "answer-lost" })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
});

test("a bank slower than the invocation is given up in time, and the retry finds its payment", async () => {
  bank().next({ delayMs: 60_000 });
  disturb(({ operation }) => {
    // Of ten seconds, three are kept for the commit; half a second is left for the bank.
    if (operation === "TransactWriteItems") advanceClock(6_500);
    return "forward";
  });
  const slow = await payout({ key: "bank-slow" });
  expect(slow).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(await changes()).toEqual({ ...RESERVED, paid: 100 });

  expect((await payout({ key: "bank-slow" })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
});

test("what the bank refuses goes back to the account, and the refusal is stored", async () => {
  bank().next("refuse");
  const first = await payout({ key: "bank-refuses" });
  expect(first).toMatchObject({ status: 422, error: { code: "payout_refused" } });
  expect(first.error.message).toContain("The account is closed.");
  const second = await payout({ key: "bank-refuses" });
  expect(second.text).toBe(first.text);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(await changes()).toEqual(NOTHING);
});

/** Kills the function before the engine sees its first transaction (reserve) or its second (commit). */
function killBefore(transaction: 1 | 2): void {
  let seen = 0;
  disturb(async ({ operation, environmentId = "" }) => {
    if (operation === "TransactWriteItems") seen += 1;
    if (operation !== "TransactWriteItems" || seen !== transaction) return "forward";
    await cloud().functions.kill(environmentId);
    return "drop-request";
  });
}

/** Kills the function when the engine has carried out its first transaction or its second. */
function killAfter(transaction: 1 | 2): void {
  let seen = 0;
  disturbAnswers(async ({ operation, environmentId = "" }) => {
    if (operation === "TransactWriteItems") seen += 1;
    if (operation !== "TransactWriteItems" || seen !== transaction) return "pass";
    await cloud().functions.kill(environmentId);
    return "drop";
  });
}

/** Kills the function when the bank has paid and has not said so yet. */
async function killWhenPaid(): Promise<void> {
  const made = bank().payments.length;
  bank().next({ delayMs: 60_000 });
  await until(() => bank().payments.length > made, "the bank has paid");
  await cloud().functions.kill("CreatePayout");
}

const KILLS = [
  { moment: "before it reserves", kill: () => killBefore(1), left: NOTHING },
  { moment: "after it has reserved", kill: () => killAfter(1), left: RESERVED },
  { moment: "after the bank has paid", kill: killWhenPaid, left: { ...RESERVED, paid: 100 } },
  { moment: "before it commits", kill: () => killBefore(2), left: { ...RESERVED, paid: 100 } },
];

test.each(KILLS)(
  "a function killed $moment is replaced, and the retry ends with one payment",
  async ({ moment, kill, left }) => {
    const key = moment.replaceAll(" ", "-");
    const [answer] = await Promise.all([payout({ key }), kill()]);
    expect(answer.status).toBe(500);
    expect(await changes()).toEqual(left);

    // The claim of the dead owner holds until its lease lapses, and the answer says when to come back.
    const early = await payout({ key });
    expect(early).toMatchObject({ status: 409, error: { code: "request_in_flight" } });
    advanceClock(12_000);
    const retry = await payout({ key });
    expect(retry.status).toBe(201);
    expect((await payout({ key })).text).toBe(retry.text);
    expect(await changes()).toEqual(PAID);
  },
);

test("a function killed after its commit has left its answer, and the retry gets it at once", async () => {
  killAfter(2);
  expect((await payout({ key: "committed" })).status).toBe(500);
  const retry = await payout({ key: "committed" });
  expect(retry.status).toBe(201);
  expect(retry.headers.get("idempotent-replayed")).toBe("true");
  expect(await changes()).toEqual(PAID);
});

test("of 10 identical payouts at once one executes; the others get its answer or 409", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => payout({ key: "parallel" })));
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(201);
  expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
  expect(await changes()).toEqual(PAID);
});

test("a function that wakes up after its payout was made by another reserves nothing again", async () => {
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  let isFirst = true;
  disturb(async ({ operation }) => {
    if (operation !== "TransactWriteItems" || !isFirst) return undefined;
    isFirst = false;
    asleep.resolve();
    await awake.promise;
    return undefined;
  });
  const stale = payout({ key: "stale" });
  await asleep.promise;
  advanceClock(12_000);
  expect((await payout({ key: "stale" })).status).toBe(201);
  awake.resolve();
  expect((await stale).status).toBe(503);
  expect((await payout({ key: "stale" })).headers.get("idempotent-replayed")).toBe("true");
  expect(await changes()).toEqual(PAID);
});
