/** How long a response is kept, and the start of that time. */
export type Retention =
  | {
      /** Seconds. */
      readonly seconds: number;
      /** The claim of the execution that responded, or its completion. */
      readonly from: "claim" | "completion";
    }
  /** Records never expire. */
  | "never";

/**
 * Epoch seconds at which a record expires; `undefined` for never.
 *
 * Counted from the claim that led to the response, or from the response; never from the claim of an
 * execution that died, or its successor's response could be stored when it has expired already.
 */
export function expiresAtSeconds(
  retention: Retention,
  claimedAtMs: number,
  completedAtMs: number = claimedAtMs,
): number | undefined {
  if (retention === "never") return undefined;
  const endAfter = (ms: number) => Math.ceil(ms / 1000) + retention.seconds;
  const endSeconds = endAfter(retention.from === "claim" ? claimedAtMs : completedAtMs);
  // An effect that is recorded late, after a frozen process has thawed, is not forgotten at once.
  return endSeconds <= completedAtMs / 1000 ? endAfter(completedAtMs) : endSeconds;
}

/**
 * The later end of a record that a durable execution needs until the given time.
 *
 * @param endSeconds epoch seconds, or `undefined` for a record that never ends.
 */
export function notBefore(
  endSeconds: number | undefined,
  neededUntilMs: number | undefined,
): number | undefined {
  if (endSeconds === undefined || neededUntilMs === undefined) return endSeconds;
  return Math.max(endSeconds, Math.ceil(neededUntilMs / 1000));
}

/**
 * Seconds between the end of a record and its deletion by TTL. By then nothing of its executions can
 * arrive: an invocation lasts 15 minutes at most, and DynamoDB refuses a request that was signed more
 * than 15 minutes before. The other half hour is for clocks that differ.
 */
export const GRACE_SECONDS = 60 * 60;

/**
 * The end of a freed record. A claim before the handler takes the key at once. A commit that claims
 * waits until then, unless its execution saw the freed record before its handler ran: an execution
 * from before the refusal must not commit after it.
 *
 * @returns epoch seconds.
 */
export function freedUntilSeconds(nowMs: number): number {
  return Math.ceil(nowMs / 1000) + GRACE_SECONDS;
}
