import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { durableLeaseUntilMs, leaseUntilMs, readRemainingMs } from "../../lib/protocol/lease.ts";
import { START_MS } from "../support/clock.ts";

const MARGIN_MS = 1_000;
const LAMBDA_LONGEST_MS = 15 * 60 * 1000;

describe("a lease", () => {
  test.each<[string, number | undefined, number]>([
    ["lasts as long as the invocation and the margin", 5_000, 5_000],
    ["lasts for the margin, if the time is up", 0, 0],
    ["lasts for the margin, if the remaining time is negative", -250, 0],
    ["lasts for the margin, if the remaining time is infinitely negative", -Infinity, 0],
    ["presumes the longest invocation, if the time is not known", undefined, LAMBDA_LONGEST_MS],
    ["presumes the longest invocation, if the time is not a number", NaN, LAMBDA_LONGEST_MS],
    ["presumes the longest invocation, if the time is infinite", Infinity, LAMBDA_LONGEST_MS],
    ["presumes the longest invocation, if the time is longer", 1e15, LAMBDA_LONGEST_MS],
    ["covers the longest invocation", LAMBDA_LONGEST_MS, LAMBDA_LONGEST_MS],
    ["ends on a whole millisecond, never early", 5_000.25, 5_001],
  ])("%s", (_name, remainingMs, durationMs) => {
    const endMs = START_MS + durationMs + MARGIN_MS;
    expect(leaseUntilMs(START_MS, remainingMs, MARGIN_MS)).toBe(endMs);
  });

  test("lies in the future and is bounded, whatever the platform says about time", () => {
    const remaining = fc.oneof(
      fc.constant(undefined),
      fc.double(),
      fc.integer(),
      fc.integer({ min: -10, max: 2 * LAMBDA_LONGEST_MS }),
    );
    const margin = fc.integer({ min: 1, max: LAMBDA_LONGEST_MS });
    const now = fc.integer({ min: 0, max: 2 * START_MS });
    fc.assert(
      fc.property(now, remaining, margin, (nowMs, remainingMs, marginMs) => {
        const untilMs = leaseUntilMs(nowMs, remainingMs, marginMs);
        expect(Number.isSafeInteger(untilMs)).toBe(true);
        expect(untilMs).toBeGreaterThan(nowMs);
        expect(untilMs).toBeLessThanOrEqual(nowMs + LAMBDA_LONGEST_MS + marginMs);
      }),
    );
  });

  test("never ends before the invocation that it covers", () => {
    const remaining = fc.double({ min: 0, max: LAMBDA_LONGEST_MS, noNaN: true });
    fc.assert(
      fc.property(remaining, (remainingMs) => {
        expect(leaseUntilMs(START_MS, remainingMs, MARGIN_MS)).toBeGreaterThanOrEqual(
          START_MS + remainingMs + MARGIN_MS,
        );
      }),
    );
  });
});

describe("the remaining time that the platform tells", () => {
  test.each<[string, unknown, number | undefined]>([
    ["counts as told", 5_000, 5_000],
    ["counts as told, if the time is up", -3, -3],
    ["is never longer than the longest invocation", Infinity, LAMBDA_LONGEST_MS],
    ["is not known, if nothing is told", undefined, undefined],
    ["is not known, if it is not a number", NaN, undefined],
    ["is not known, if it is told as text", "5000", undefined],
    ["is not known, if it is told as something else", { valueOf: () => 5_000 }, undefined],
  ])("%s", (_name, told, remainingMs) => {
    expect(readRemainingMs(told)).toBe(remainingMs);
  });
});

describe("the lease in a durable execution", () => {
  test.each<[string, number | undefined, number, number]>([
    ["reaches the end of the execution", 5_000, 86_400_000, 86_400_000],
    ["reaches the end of the invocation, if that is later", 5_000, 1_000, 5_000],
    ["presumes the longest invocation, if its end is not known", undefined, 1, LAMBDA_LONGEST_MS],
    ["ends on a whole millisecond, never early", 0, 1_000.5, 1_001],
  ])("%s", (_what, remainingMs, timeoutMs, durationMs) => {
    const untilMs = durableLeaseUntilMs(START_MS, remainingMs, { marginMs: MARGIN_MS, timeoutMs });
    expect(untilMs).toBe(START_MS + durationMs + MARGIN_MS);
  });
});
