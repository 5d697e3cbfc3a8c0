import type { Clock } from "../protocol/clock.ts";
import type { ActiveAttempt } from "./attempt.ts";

/** The end of the invocation, and the signal that warns an attempt's handler of it. */
export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds until the platform ends the invocation; `undefined` = not known. */
  readonly remainingMs: number | undefined;
  /** Milliseconds before that end at which the signal is aborted. */
  readonly marginMs: number;
  readonly abort: AbortController;
}

/**
 * Returns the attempt with a timer that aborts its signal shortly before the platform ends the
 * invocation: at the margin before the end, or at half of the remaining time if that is later.
 */
export function withDeadline(attempt: ActiveAttempt, deadline: Deadline): ActiveAttempt {
  const { clock, remainingMs, marginMs, abort } = deadline;
  if (remainingMs === undefined || clock.startTimer === undefined) return attempt;
  const leftMs = Math.max(0, remainingMs);
  const stop = clock.startTimer(leftMs - Math.min(marginMs, leftMs / 2), () =>
    abort.abort(new DOMException("The invocation is about to end.", "TimeoutError")),
  );
  return {
    ...attempt,
    returned(result, own) {
      stop();
      return attempt.returned(result, own);
    },
    threw(error, sent) {
      stop();
      return attempt.threw(error, sent);
    },
  };
}
