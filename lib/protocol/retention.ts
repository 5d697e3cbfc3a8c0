/** How long an answer is kept, and from when on it is counted. */
export type Retention =
  | {
      /** Seconds. */
      readonly seconds: number;
      readonly from: "claim" | "completion";
    }
  /** Records never expire. */
  | "never";

/** Epoch seconds at which a record expires, or `undefined` for never. */
export function expiresAtSeconds(
  retention: Retention,
  claimedAtMs: number,
  completedAtMs: number = claimedAtMs,
): number | undefined {
  if (retention === "never") return undefined;
  const fromMs = retention.from === "claim" ? claimedAtMs : completedAtMs;
  return Math.floor(fromMs / 1000) + retention.seconds;
}
