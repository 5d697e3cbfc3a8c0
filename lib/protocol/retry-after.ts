import type { IdempotencyRecord } from "./record.ts";

/** Most handlers have responded by then; the built-in profiles wait half as long. */
const USUAL_WORK_MS = 10_000;

/**
 * Milliseconds that a repeat of a claimed request should wait. That is the rest of the lease, once
 * the work has taken longer than usual or has been taken over before: its owner has probably died,
 * and until the lease is over every repeat is refused.
 *
 * @returns `undefined` = a response is likely at any moment, or there is nothing to wait for.
 */
export function retryAfterMs(record: IdempotencyRecord, nowMs: number): number | undefined {
  if (record.state !== "CLAIMED" || record.leaseUntilMs <= nowMs) return undefined;
  const { claims, startedAtMs = nowMs, leaseUntilMs } = record;
  const isYoung = claims <= 1 && nowMs - startedAtMs < USUAL_WORK_MS;
  return isYoung ? undefined : leaseUntilMs - nowMs;
}
