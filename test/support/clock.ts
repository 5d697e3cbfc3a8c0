import type { Clock } from "../../lib/index.ts";

/** A clock that stands still until a test moves it or a sleep advances it. */
export interface ManualClock extends Clock {
  advance(durationMs: number): void;
}

/** 2026-11-22T00:00:00Z, so that figures in failures can be recognised. */
export const START_MS = Date.UTC(2026, 10, 22);

export function manualClock(startMs = START_MS): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (durationMs) => {
      nowMs += durationMs;
    },
    async sleep(durationMs) {
      nowMs += durationMs;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
