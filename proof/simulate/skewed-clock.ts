/** The clock of a machine, as it differs from the true time. */
export interface SkewedClock {
  /** Milliseconds at present. */
  readonly skewMs: number;
  /** The most and the least that it has differed so far. */
  readonly mostMs: number;
  readonly leastMs: number;
  jump(durationMs: number): void;
}

export function createSkewedClock(skewMs: number): SkewedClock {
  let [nowMs, mostMs, leastMs] = [skewMs, skewMs, skewMs];
  return {
    get skewMs() {
      return nowMs;
    },
    get mostMs() {
      return mostMs;
    },
    get leastMs() {
      return leastMs;
    },
    jump(durationMs) {
      nowMs += durationMs;
      mostMs = Math.max(mostMs, nowMs);
      leastMs = Math.min(leastMs, nowMs);
    },
  };
}
