import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import { countRoundTrips } from "../../local/demo/round-trips.ts";
import type { TapRequest } from "../../local/tap.ts";
import { type Books, keepBooks, NOTHING } from "./books.ts";
import { findStep } from "./payout-steps.ts";
import { createPayout, runService } from "./service.ts";

const service = runService();
const { cloud, bank, holders, payout, advanceClock, disturb } = service;
const { changes, loseItem } = keepBooks(service);

const RESERVED: Books = { ...NOTHING, alice: -100, reserved: 100 };
const PAID: Books = { ...NOTHING, alice: -100, paidOut: 100, paid: 100 };
const TWICE: Books = { ...NOTHING, alice: -200, paidOut: 200, paid: 200 };
const NOT_ALLOWED = {
  __type: "com.amazon.coral.service#AccessDeniedException",
  Message: "not authorized to perform: dynamodb:DeleteItem",
};
const HOUR_MS = 60 * 60 * 1000;
/** A repeat reads the record until the first is complete. The authorizer reads another table. */
const looksAgain = ({ operation, body }: TapRequest) =>
  operation === "GetItem" && body.TableName === cloud().tableName("IdempotencyTable");
const isReplay = ({ headers }: { headers: Headers }) =>
  headers.get("idempotent-replayed") === "true";

test("O1: without a key, twice is two payouts", async () => {
  expect((await payout()).status).toBe(201);
  expect((await payout()).status).toBe(201);
  expect(await changes()).toEqual(TWICE);
});

test("O2: the same twice is one payout, and the same bytes in one round trip", async () => {
  const key = randomUUID();
  const count = () => countRoundTrips(cloud(), "Authorizer", () => payout({ key }));
  const { result: first, roundTrips } = await count();
  expect(first.status).toBe(201);
  expect(first.headers.get("location")).toBe(`/payouts/${JSON.parse(first.text).id}`);
  expect(JSON.parse(first.text)).toEqual({
    ...JSON.parse(createPayout(holders())),
    id: expect.stringMatching(/^po_/),
    paymentId: bank().payments.at(-1)?.paymentId,
    createdAt: expect.any(String),
  });
  // Claim, reserve, bank, settle.
  expect(roundTrips).toBe(4);

  const second = await count();
  expect(second.result).toMatchObject({ status: 201, text: first.text });
  expect(isReplay(second.result)).toBe(true);
  expect(second.roundTrips).toBe(1);
  expect(await changes()).toEqual(PAID);

  const found = await service.get(first.headers.get("location") ?? "");
  expect(JSON.parse(found.text)).toEqual({ ...JSON.parse(first.text), status: "paid" });
});

test("O4: a bank that answers 503 leaves the amount reserved, and the retry goes on from there", async () => {
  const key = randomUUID();
  bank().next("fail");
  const failed = await payout({ key });
  expect(failed).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(failed.headers.get("retry-after")).toBe("1");
  expect(await changes()).toEqual(RESERVED);

  const steps: unknown[] = [];
  disturb((request) => {
    steps.push(findStep(request));
    return "forward";
  });
  expect((await payout({ key })).status).toBe(201);
  expect(steps.filter(Boolean)).toEqual(["bank", "settle"]);
  expect(await changes()).toEqual(PAID);
});

test("O5: a bank whose reply was lost has paid, and the retry makes no second payment", async () => {
  const key = randomUUID();
  bank().next("lose-answer");
  const lost = await payout({ key });
  expect(lost).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(await changes()).toEqual({ ...RESERVED, paid: 100 });

  const before = bank().requestedKeys.length;
  expect((await payout({ key })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
  // Asked again, under the key of the first time; and not under the client's.
  const derived = bank().payments.at(-1)?.key;
  expect(bank().requestedKeys.slice(before - 1)).toEqual([derived, derived]);
  expect(derived).not.toContain(key);
});

test("a bank slower than the invocation is given up in time, and the retry finds its payment", async () => {
  const key = randomUUID();
  bank().next({ delayMs: 60_000 });
  disturb((request) => {
    // Of ten seconds, three are kept for the commit; half a second is left for the bank.
    if (findStep(request) === "reserve") advanceClock(6_500);
    return "forward";
  });
  const slow = await payout({ key });
  expect(slow).toMatchObject({ status: 503, error: { code: "bank_unavailable" } });
  expect(await changes()).toEqual({ ...RESERVED, paid: 100 });

  expect((await payout({ key })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
});

test("O6: a repeat while the first runs waits, and gets the same response", async () => {
  const key = randomUUID();
  const executing = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  disturb(async (request) => {
    if (looksAgain(request)) waiting.resolve();
    if (findStep(request) !== "bank") return undefined;
    executing.resolve();
    // The bank has paid. Its answer is recorded once a repeat has begun to wait.
    await waiting.promise;
    return undefined;
  });
  const first = payout({ key });
  await executing.promise;
  const repeats = await Promise.all(Array.from({ length: 4 }, () => payout({ key })));
  const { status, text } = await first;
  expect(status).toBe(201);
  expect(repeats.map((repeat) => [repeat.status, repeat.text, isReplay(repeat)])).toEqual(
    repeats.map(() => [201, text, true]),
  );
  expect(await changes()).toEqual(PAID);
});

test("O7: a repeat that has waited for too long gets 409 with Retry-After, and later the response", async () => {
  const key = randomUUID();
  const executing = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<void>();
  let hasWaited = false;
  disturb(async (request) => {
    if (looksAgain(request)) {
      hasWaited = true;
      advanceClock(6_000);
    }
    if (findStep(request) !== "bank") return undefined;
    executing.resolve();
    await refused.promise;
    return undefined;
  });
  const first = payout({ key });
  // Not before, so that chance does not decide which of the two executes.
  await executing.promise;
  const repeat = await payout({ key });
  expect(repeat).toMatchObject({ status: 409, error: { code: "request_in_flight" } });
  expect(repeat.headers.get("retry-after")).toBe("1");
  expect(hasWaited).toBe(true);
  refused.resolve();
  expect((await first).status).toBe(201);
  expect((await payout({ key })).text).toBe((await first).text);
  expect(await changes()).toEqual(PAID);
});

test("O8: another payload is refused with 422 and has no effect; the honest retry replays", async () => {
  const key = randomUUID();
  const first = await payout({ key });
  const other = await payout({ key, body: createPayout(holders(), { amountMinor: 50 }) });
  expect(other).toMatchObject({ status: 422, error: { code: "payload_mismatch" } });
  expect((await payout({ key })).text).toBe(first.text);
  expect(await changes()).toEqual(PAID);
});

test("O9: an amount that the bank refuses goes back to the account, and the 422 is replayed", async () => {
  const key = randomUUID();
  bank().next("refuse");
  const first = await payout({ key });
  expect(first).toMatchObject({ status: 422, error: { code: "payout_refused" } });
  expect(first.error.message).toContain("The account is closed.");
  const second = await payout({ key });
  expect(second).toMatchObject({ status: 422, text: first.text });
  expect(isReplay(second)).toBe(true);
  expect(await changes()).toEqual(NOTHING);
});

test("O9: more than there is comes to no payment, and the 422 is replayed", async () => {
  const key = randomUUID();
  const body = createPayout(holders(), { amountMinor: 1_000_000 });
  const first = await payout({ key, body });
  expect(first).toMatchObject({ status: 422, error: { code: "insufficient_funds" } });
  const second = await payout({ key, body });
  expect(second).toMatchObject({ status: 422, text: first.text });
  expect(isReplay(second)).toBe(true);
  expect(await changes()).toEqual(NOTHING);
});

test("O10: a 500 that is final is replayed", async () => {
  const key = randomUUID();
  disturb(async (request) => {
    if (findStep(request) === "settle") await loseItem("reservation/");
    return undefined;
  });
  const first = await payout({ key });
  expect(first).toMatchObject({ status: 500, error: { code: "payout_stranded" } });
  const second = await payout({ key });
  expect(second).toMatchObject({ status: 500, text: first.text });
  expect(isReplay(second)).toBe(true);
  expect(await changes()).toEqual({ ...NOTHING, alice: -100, paid: 100 });
});

test("O10: a 500 that is not final is resumed", async () => {
  const key = randomUUID();
  let isFirst = true;
  disturb((request) => {
    if (findStep(request) !== "settle" || !isFirst) return "forward";
    isFirst = false;
    return { status: 400, body: NOT_ALLOWED };
  });
  const first = await payout({ key });
  expect(first).toMatchObject({ status: 500, error: { code: "internal_error" } });
  expect(await changes()).toEqual({ ...RESERVED, paid: 100 });
  expect((await payout({ key })).status).toBe(201);
  expect(await changes()).toEqual(PAID);
});

test("O11: 23:59 after its completion it replays, at 24:01 it executes", async () => {
  const key = randomUUID();
  const first = await payout({ key });
  advanceClock(24 * HOUR_MS - 60_000);
  expect((await payout({ key })).text).toBe(first.text);
  expect(await changes()).toEqual(PAID);
  advanceClock(120_000);
  const next = await payout({ key });
  expect(next.status).toBe(201);
  expect(JSON.parse(next.text).id).not.toBe(JSON.parse(first.text).id);
  expect(await changes()).toEqual(TWICE);
});

test.each(["order-7", "'); DROP TABLE payouts; --", ""])(
  "O13: the key %j is not a UUID, and the request is refused with 400",
  async (key) => {
    const refused = await payout({ key });
    expect(refused).toMatchObject({ status: 400, error: { code: "key_malformed" } });
    expect(await changes()).toEqual(NOTHING);
  },
);

test("the key may stand in the body; two that differ are refused", async () => {
  const key = randomUUID();
  const body = createPayout(holders(), { idempotencyKey: key });
  const first = await payout({ body });
  expect(first.status).toBe(201);
  expect((await payout({ body, key })).text).toBe(first.text);
  const refused = await payout({ body, key: randomUUID() });
  expect(refused).toMatchObject({ status: 400, error: { code: "key_malformed" } });
  expect(await changes()).toEqual(PAID);
});

test("a malformed payout is refused and frees its key", async () => {
  const key = randomUUID();
  const body = createPayout(holders(), { beneficiary: "Bob's other account" });
  const refused = await payout({ key, body });
  expect(refused).toMatchObject({ status: 400, error: { code: "member_invalid" } });
  expect(await changes()).toEqual(NOTHING);
  expect((await payout({ key })).status).toBe(201);
});

test.each(["reserve", "bank", "settle"] as const)(
  "O14: an execution that wakes at its step %s, after another has finished, writes nothing and returns the same response",
  async (step) => {
    const key = randomUUID();
    const asleep = Promise.withResolvers<void>();
    const awake = Promise.withResolvers<void>();
    let isFirst = true;
    disturb(async (request) => {
      if (findStep(request) !== step || !isFirst) return undefined;
      isFirst = false;
      asleep.resolve();
      await awake.promise;
      return undefined;
    });
    const stale = payout({ key });
    await asleep.promise;
    advanceClock(12_000);
    const finished = await payout({ key });
    expect(finished.status).toBe(201);
    awake.resolve();
    expect(await stale).toMatchObject({ status: 201, text: finished.text });
    expect(await changes()).toEqual(PAID);
  },
);

test("of 10 identical payouts at once one executes, and all get its response", async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => payout({ key })));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await changes()).toEqual(PAID);
});
