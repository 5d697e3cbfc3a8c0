import { CLOCK_ERROR_MS } from "./clock.ts";
import type { Execution } from "./execution.ts";
import type { IdempotencyRecord } from "./record.ts";
import { hasEnded, judgeClaim, type Verdict } from "./verdict.ts";

/**
 * Judges the record that an execution without a claim meets after its handler.
 *
 * A record that has ended since the handler began counts as it did then. It may be the end of another
 * execution of this request, by a process whose clock is behind:
 *
 *     slow       handler ── (sleeps) ──────────────────────────────── commit: replay of the 201
 *     retry         handler ── commit: 201, kept for an hour ── its end, by the slow one's clock
 */
export function judgeAfterHandler(
  record: IdempotencyRecord | undefined,
  execution: Execution,
): Verdict {
  const nowMs = execution.request.tools.clock.now();
  const verdict = judgeClaim(record, execution, nowMs);
  const endsLate = verdict.kind === "ended" && !hadEnded(verdict.record, execution);
  return endsLate
    ? judgeClaim(record, execution, execution.claimedAtMs)
    : waitForLiveClaim(verdict, nowMs);
}

/** Whether a record had ended before the handler began. */
export function hadEnded(record: IdempotencyRecord, { claimedAtMs }: Execution): boolean {
  return hasEnded(record, claimedAtMs);
}

/**
 * A claim of another request says nothing final while its owner may be at work, by any clock: it may yet
 * be refused, and leave the key to an earlier execution of this request.
 */
export function waitForLiveClaim<Kind extends Verdict>(
  verdict: Kind,
  nowMs: number,
): Kind | Verdict {
  if (verdict.kind !== "mismatch" && verdict.kind !== "incomparable") return verdict;
  const { record } = verdict;
  const isLive = record.state === "CLAIMED" && record.leaseUntilMs + CLOCK_ERROR_MS > nowMs;
  return isLive ? { kind: "inFlight", record } : verdict;
}
