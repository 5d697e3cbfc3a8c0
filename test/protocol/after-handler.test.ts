import { expect, test } from "@jest/globals";
import { waitForLiveClaim } from "../../lib/protocol/after-handler.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const COMMON = { id: "id", owner: "other", fence: 1, fingerprint: "other" };
const claimed = (leaseUntilMs: number): IdempotencyRecord => ({
  ...COMMON,
  ...{ state: "CLAIMED", leaseUntilMs, claims: 1 },
});

test.each(["mismatch", "incomparable"] as const)(
  "a %s is in flight until the lease of the other claim is over by every clock",
  (kind) => {
    const judge = (leaseUntilMs: number) =>
      waitForLiveClaim({ kind, record: claimed(leaseUntilMs) }, NOW_MS).kind;
    expect(judge(NOW_MS + 1)).toBe("inFlight");
    expect(judge(NOW_MS - 30 * MINUTE_MS + 1)).toBe("inFlight");
    expect(judge(NOW_MS - 30 * MINUTE_MS)).toBe(kind);
    expect(judge(0)).toBe(kind);
  },
);

test("a mismatch with a response, and every other verdict, stays as it is", () => {
  const completed: IdempotencyRecord = { ...COMMON, state: "COMPLETED", response: "{}" };
  const mismatch = { kind: "mismatch", record: completed } as const;
  expect(waitForLiveClaim(mismatch, NOW_MS)).toBe(mismatch);
  const absent = { kind: "absent" } as const;
  expect(waitForLiveClaim(absent, NOW_MS)).toBe(absent);
});
