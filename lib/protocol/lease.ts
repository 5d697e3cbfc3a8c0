/** The longest that Lambda lets an invocation run: 15 minutes. */
export const LONGEST_INVOCATION_MS = 900_000;

/**
 * Until when the owner of a claim made now is presumed alive, in epoch milliseconds: the end of
 * this invocation plus a margin.
 *
 * Safety does not depend on it, because a late owner is fenced. It only decides how soon a dead
 * owner is replaced. An unknown remaining time counts as the longest possible, a time of 0 or less
 * as none: either way the lease lies in the future and is bounded.
 */
export function leaseUntilMs(
  nowMs: number,
  remainingMs: number | undefined,
  marginMs: number,
): number {
  const known = remainingMs !== undefined && !Number.isNaN(remainingMs);
  const presumedMs = known ? clamp(remainingMs, 0, LONGEST_INVOCATION_MS) : LONGEST_INVOCATION_MS;
  return Math.ceil(nowMs + presumedMs + marginMs);
}

/**
 * Until when the owner of a claim in a durable execution is presumed alive: the end of that execution,
 * plus the margin. It is counted from the first claim. Lambda counts from the start of the execution,
 * which comes before, so the lease covers every replay; counted from each replay anew, it would grow
 * towards twice the time, in which a repeat waits in vain for an execution that has died.
 */
export function durableLeaseUntilMs(
  nowMs: number,
  remainingMs: number | undefined,
  { marginMs, timeoutMs }: { readonly marginMs: number; readonly timeoutMs: number },
): number {
  return Math.max(
    leaseUntilMs(nowMs, remainingMs, marginMs),
    Math.ceil(nowMs + timeoutMs + marginMs),
  );
}

/** The remaining time as the platform gives it, if it is a usable number. */
export function readRemainingMs(value: unknown): number | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) return undefined;
  return Math.min(value, LONGEST_INVOCATION_MS);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
