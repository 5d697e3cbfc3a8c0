/** Time, injected: nothing in the protocol reads the machine's clock by itself. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds of this clock's time. */
  sleep(durationMs: number): Promise<void>;
  /**
   * Calls a function once after so many milliseconds, unless it is stopped; a process that has nothing
   * else to do does not wait for it. Without timers nothing is aborted near the end of an invocation.
   *
   * @returns stops it.
   */
  startTimer?(durationMs: number, run: () => void): () => void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  startTimer(durationMs, run) {
    const timer = setTimeout(run, durationMs).unref();
    return () => clearTimeout(timer);
  },
};
