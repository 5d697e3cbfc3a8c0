// Not the global one, which fake timers replace.
import { setImmediate } from "node:timers";
import type { Clock } from "../protocol/clock.ts";
import { TIME_MS } from "./events/places.ts";

/** A clock that moves when a test moves it, and when work sleeps on it. */
export interface TestClock extends Required<Omit<Clock, "holdProcess">> {
  /**
   * Moves the clock forward. Sleepers and timers whose time has come are woken in the order of their
   * times, and the clock shows the time of each meanwhile.
   *
   * @param durationMs milliseconds, 0 or more.
   * @throws RangeError for any other number: the time of a test does not run backwards.
   */
  advance(durationMs: number): void;
}

/** A sleeper or a timer. */
interface Waiting {
  readonly atMs: number;
  readonly isSleeper: boolean;
  readonly wake: () => void;
}

/**
 * Creates a clock for the option `clock`, so that no test waits for a lease, for the request in flight or
 * for the end of a record. It stands still until `advance` moves it.
 *
 * A sleep takes no real time: once all other work waits, the clock moves to the end of the shortest sleep.
 * Two requests that sleep side by side share one time:
 *
 *     first   claim ── works: sleep(500) ───────────────────── complete
 *     second            refused ── sleep ── refused ── sleep ───────── reads the response
 *     clock   0                    100                 200     500
 *
 * @param startMs epoch milliseconds, by default of 2026-01-01T00:00:00Z.
 * @example
 * const clock = testClock();
 * const store = testStore({ clock });
 * const handler = idempotent(createTransfer, { store, clock, singleTenant: true });
 * clock.advance(25 * 60 * 60 * 1_000); // past the 24 hours for which a response is kept
 */
export function testClock(startMs: number = TIME_MS): TestClock {
  let nowMs = startMs;
  /** In the order of their times; of two at the same time the earlier one comes first. */
  const waiting: Waiting[] = [];

  function start(durationMs: number, isSleeper: boolean, wake: () => void): Waiting {
    const one = { atMs: nowMs + Math.max(0, durationMs), isSleeper, wake };
    const next = waiting.findIndex(({ atMs }) => atMs > one.atMs);
    waiting.splice(next < 0 ? waiting.length : next, 0, one);
    return one;
  }

  function moveTo(untilMs: number): void {
    for (let [next] = waiting; next !== undefined && next.atMs <= untilMs; [next] = waiting) {
      waiting.shift();
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
    }
    nowMs = Math.max(nowMs, untilMs);
  }

  return {
    now: () => nowMs,
    sleep: (durationMs) =>
      new Promise((resolve) => {
        start(durationMs, true, resolve);
        // Runs after all work that is ready now.
        setImmediate(() => {
          const shortest = waiting.find(({ isSleeper }) => isSleeper);
          if (shortest !== undefined) moveTo(shortest.atMs);
        });
      }),
    startTimer(durationMs, run) {
      const timer = start(durationMs, false, run);
      return () => {
        const index = waiting.indexOf(timer);
        if (index >= 0) waiting.splice(index, 1);
      };
    },
    advance(durationMs) {
      if (!(durationMs >= 0)) {
        throw new RangeError(`advance: expected milliseconds of 0 or more, got ${durationMs}.`);
      }
      moveTo(nowMs + durationMs);
    },
  };
}
