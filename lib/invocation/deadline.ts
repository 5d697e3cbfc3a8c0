import type { Clock } from "../protocol/clock.ts";
import type { ActiveAttempt } from "./attempt.ts";

/** When and how the work of an attempt is told that its time is over. */
export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds until the platform ends the invocation; `undefined` = not known. */
  readonly remainingMs: number | undefined;
  /** How long before that end the work should stop. */
  readonly marginMs: number;
  readonly abort: AbortController;
}

/**
 * An attempt whose signal is aborted shortly before the platform ends the invocation. Where little time
 * was left to begin with, half of that is the handler's.
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
    threw(error, answer) {
      stop();
      return attempt.threw(error, answer);
    },
  };
}
