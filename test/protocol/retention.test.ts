import { describe, expect, test } from "@jest/globals";
import { dwolla, ietf } from "../../lib/index.ts";
import {
  expiresAtSeconds,
  freedUntilSeconds,
  GRACE_SECONDS,
  notBefore,
  type Retention,
} from "../../lib/protocol/retention.ts";
import { START_MS } from "../support/clock.ts";

const DAY_SECONDS = 24 * 60 * 60;
const CLAIMED_SECONDS = START_MS / 1000;
const COMPLETED_MS = START_MS + 10_000;

describe("a response is kept", () => {
  test.each<[string, Retention, number | undefined]>([
    ["from the claim on", { seconds: 3_600, from: "claim" }, CLAIMED_SECONDS + 3_600],
    ["from completion on", { seconds: 3_600, from: "completion" }, CLAIMED_SECONDS + 3_610],
    ["for ever", "never", undefined],
  ])("%s", (_name, retention, expected) => {
    expect(expiresAtSeconds(retention, START_MS, COMPLETED_MS)).toBe(expected);
  });

  test.each([
    ["ietf()", ietf().retention],
    ["dwolla()", dwolla().retention],
  ])("for 24 hours by %s", (_name, retention) => {
    expect(expiresAtSeconds(retention, START_MS)).toBe(CLAIMED_SECONDS + DAY_SECONDS);
  });
});

test.each(["claim", "completion"] as const)(
  "a claim that is not completed yet counts from itself, with retention from %s",
  (from) => {
    const expected = CLAIMED_SECONDS + DAY_SECONDS;
    expect(expiresAtSeconds({ seconds: DAY_SECONDS, from }, START_MS)).toBe(expected);
  },
);

test("expiry is a whole number of seconds, as TTL wants it", () => {
  const expiry = expiresAtSeconds({ seconds: DAY_SECONDS, from: "claim" }, START_MS + 123.5);
  expect(Number.isInteger(expiry)).toBe(true);
});

test("a response is kept for no less than its retention", () => {
  const expiry = expiresAtSeconds({ seconds: DAY_SECONDS, from: "claim" }, START_MS + 999) ?? 0;
  expect(expiry * 1000).toBeGreaterThanOrEqual(START_MS + 999 + DAY_SECONDS * 1000);
});

describe("an effect that is recorded late, after a frozen process has thawed,", () => {
  const claimRetention: Retention = { seconds: 3_600, from: "claim" };

  test.each<[string, number, number]>([
    ["a second before the end is kept until the end", 3_599_000, 3_600],
    ["a millisecond before the end is kept until the end", 3_599_999, 3_600],
    ["at the end is kept for the whole retention", 3_600_000, 7_200],
    ["a day later is kept for the whole retention from then on", 86_400_000, 90_000],
    ["with a part of a second is kept for no less than the retention", 86_400_001, 90_001],
  ])("%s", (_when, laterMs, expectedSeconds) => {
    expect(expiresAtSeconds(claimRetention, START_MS, START_MS + laterMs)).toBe(
      CLAIMED_SECONDS + expectedSeconds,
    );
  });

  test("never ends, if records never end", () => {
    expect(expiresAtSeconds("never", START_MS, START_MS + 86_400_000)).toBeUndefined();
  });
});

test("a record is deleted an hour after its end: longer than an invocation and the life of its messages", () => {
  expect(GRACE_SECONDS).toBe(3_600);
});

test("a freed record lasts until nothing of the executions before it can arrive, in whole seconds", () => {
  expect(freedUntilSeconds(START_MS)).toBe(CLAIMED_SECONDS + GRACE_SECONDS);
  expect(freedUntilSeconds(START_MS + 1)).toBe(CLAIMED_SECONDS + 1 + GRACE_SECONDS);
});

test.each<[string, number | undefined, number | undefined, number | undefined]>([
  ["stays later than a need", 100, 99_999, 100],
  ["moves to a later need, and to a whole second after it", 100, 100_001, 101],
  ["stays without a need", 100, undefined, 100],
  ["stays never", undefined, 100_000, undefined],
])("an end %s", (_what, endSeconds, neededUntilMs, expected) => {
  expect(notBefore(endSeconds, neededUntilMs)).toBe(expected);
});
