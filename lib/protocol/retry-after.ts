import { LONGEST_INVOCATION_MS } from "./lease.ts";
import type { IdempotencyRecord } from "./record.ts";

/** No invocation has a later lease, with the largest margin: a durable execution waits, and has not died. */
const LONGEST_LEASE_MS = 2 * LONGEST_INVOCATION_MS;

/** A durable execution that waits may go on at any time. */
const WAITING_MS = 60_000;

/** Most handlers have responded by then; the built-in profiles wait half as long. */
const USUAL_WORK_MS = 10_000;

/**
 * Milliseconds that a repeat of a claimed request should wait. That is the rest of the lease, once
 * the work has taken longer than usual or has been taken over before: its owner has probably died,
 * and until the lease is over every repeat is refused. The lease of a durable execution may last for days,
 * so its repeats may come every minute.
 *
 * @returns `undefined` = a response is likely at any moment, or there is nothing to wait for.
 */
export function retryAfterMs(record: IdempotencyRecord, nowMs: number): number | undefined {
  if (record.state !== "CLAIMED" || record.leaseUntilMs <= nowMs) return undefined;
  const { claims, startedAtMs = nowMs, leaseUntilMs } = record;
  const isYoung = claims <= 1 && nowMs - startedAtMs < USUAL_WORK_MS;
  const leftMs = leaseUntilMs - nowMs;
  if (isYoung) return undefined;
  return leftMs > LONGEST_LEASE_MS ? WAITING_MS : leftMs;
}
