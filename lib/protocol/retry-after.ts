import type { IdempotencyRecord } from "./record.ts";

/** Most handlers have answered by then; the built-in profiles wait for half as long. */
const USUAL_WORK_MS = 10_000;

/**
 * How long a repeat of a request that is claimed had better wait, in milliseconds: the rest of the
 * lease, once the work has taken longer than usual or has been taken over before. Its owner has
 * probably died then, and until the lease is over every repeat is refused.
 *
 * @returns `undefined` = an answer is likely at any moment, or nothing is waited for.
 */
export function retryAfterMs(record: IdempotencyRecord, nowMs: number): number | undefined {
  if (record.state !== "CLAIMED" || record.leaseUntilMs <= nowMs) return undefined;
  const { claims, startedAtMs = nowMs, leaseUntilMs } = record;
  const isYoung = claims <= 1 && nowMs - startedAtMs < USUAL_WORK_MS;
  return isYoung ? undefined : leaseUntilMs - nowMs;
}
