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
  const fromMs = retention.from === "claim" ? claimedAtMs : completedAtMs;
  return Math.ceil(fromMs / 1000) + retention.seconds;
}

const DAY_SECONDS = 24 * 60 * 60;

/**
 * The expiry of a freed key: past for every clock, but not by years, because TTL ignores items that
 * expired more than five years ago.
 *
 * @returns epoch seconds.
 */
export function longPastSeconds(nowMs: number): number {
  return Math.floor(nowMs / 1000) - DAY_SECONDS;
}
