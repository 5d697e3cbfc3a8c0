/** The longest that Lambda lets an invocation run: 15 minutes. */
export const LONGEST_INVOCATION_MS = 900_000;

/**
 * Until when a claim made now is presumed alive, in epoch milliseconds: the end of this invocation
 * plus a margin.
 *
 * Safety does not depend on it (a late owner is fenced), only how soon a dead owner is replaced.
 * An unknown remaining time counts as the longest possible, one of 0 or less as none at all: either
 * way the lease lies in the future and is bounded.
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

/** The remaining time as the platform tells it, where that is a number that can be worked with. */
export function readRemainingMs(told: unknown): number | undefined {
  if (typeof told !== "number" || Number.isNaN(told)) return undefined;
  return Math.min(told, LONGEST_INVOCATION_MS);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
