import { expect, test } from "@jest/globals";
import type { ClaimedRecord, IdempotencyRecord } from "../../lib/protocol/record.ts";
import { retryAfterMs } from "../../lib/protocol/retry-after.ts";

const COMMON = { id: "id", owner: "other", fence: 1, fingerprint: "f" };
const claimed = (more: Partial<ClaimedRecord> = {}): ClaimedRecord => ({
  ...COMMON,
  state: "CLAIMED",
  leaseUntilMs: 30_000,
  claims: 1,
  startedAtMs: 0,
  ...more,
});

test.each<[string, IdempotencyRecord, number, number | undefined]>([
  ["a request that has just begun is answered at any moment", claimed(), 9_999, undefined],
  ["work that takes longer than usual: the rest of its lease", claimed(), 10_000, 20_000],
  ["work that was taken over: the rest of its lease", claimed({ claims: 2 }), 1, 29_999],
  ["a lease of which a millisecond is left", claimed(), 29_999, 1],
  ["a lease that is over is waited for by no repeat", claimed(), 30_000, undefined],
  [
    "a completed request",
    { ...COMMON, state: "COMPLETED", response: "{}" } as const,
    19_000,
    undefined,
  ],
  ["a freed key", { ...COMMON, state: "FREED" } as const, 19_000, undefined],
  ["a request of unknown outcome", { ...COMMON, state: "UNKNOWN" } as const, 19_000, undefined],
])("the wait for %s", (_case, record, nowMs, expected) => {
  expect(retryAfterMs(record, nowMs)).toBe(expected);
});

test("a claim that does not say when it began counts as begun now", () => {
  const { startedAtMs: _, ...record } = claimed();
  expect(retryAfterMs(record, 29_000)).toBeUndefined();
});

test.each<[string, number, number]>([
  ["as long as two of the longest invocations is waited for", 1_800_000, 1_800_000],
  [
    "longer than that belongs to a durable execution, which may go on at any time",
    1_800_001,
    60_000,
  ],
])("a lease %s", (_which, leftMs, expected) => {
  const record = claimed({ claims: 2, leaseUntilMs: 20_000 + leftMs });
  expect(retryAfterMs(record, 20_000)).toBe(expected);
});
