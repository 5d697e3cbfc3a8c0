import { describe, expect, test } from "@jest/globals";
import { dwolla, ietf } from "../../lib/index.ts";
import { expiresAtSeconds, longPastSeconds, type Retention } from "../../lib/protocol/retention.ts";
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

test("a freed key has expired a day ago: for every clock, and not so long ago that TTL leaves it alone", () => {
  expect(longPastSeconds(START_MS + 999)).toBe(CLAIMED_SECONDS - DAY_SECONDS);
});
