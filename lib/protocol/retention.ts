/** How long an answer is kept, and from when on it is counted. */
export type Retention =
  | {
      /** Seconds. */
      readonly seconds: number;
      /** The claim of the execution that answered, or its completion. */
      readonly from: "claim" | "completion";
    }
  /** Records never expire. */
  | "never";

/**
 * Epoch seconds at which a record expires, or `undefined` for never.
 *
 * Counted from the claim that led to the answer, or from the answer; never from the claim of an
 * execution that died, or its successor's answer could be stored when it has expired already.
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
 * When a key that is freed has expired: in the past of every clock, but not by years. TTL leaves alone
 * what expired more than five years ago.
 *
 * @returns Epoch seconds.
 */
export function longPastSeconds(nowMs: number): number {
  return Math.floor(nowMs / 1000) - DAY_SECONDS;
}
