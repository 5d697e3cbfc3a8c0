/** Time, injected: the protocol never reads the machine's clock by itself. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after this many milliseconds of this clock's time. */
  sleep(durationMs: number): Promise<void>;
  /**
   * Calls a function once after this many milliseconds, unless it is stopped. A process with no
   * other work does not wait for it. Without timers no work is aborted near the end of an
   * invocation.
   *
   * @returns a function that stops the timer.
   */
  startTimer?(durationMs: number, run: () => void): () => void;
  /**
   * Keeps the process from ending for lack of other work.
   *
   * @returns a function that lets it end.
   */
  holdProcess?(): () => void;
}

/** Node's longest. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  startTimer(durationMs, run) {
    const timer = setTimeout(run, durationMs).unref();
    return () => clearTimeout(timer);
  },
  holdProcess() {
    const timer = setInterval(() => {}, LONGEST_TIMER_MS);
    return () => clearInterval(timer);
  },
};

/** Milliseconds by which the clocks of two functions may differ, at most. */
export const CLOCK_ERROR_MS = 30 * 60 * 1_000;
