import type { OutcomePolicy } from "../protocol/outcome.ts";

/**
 * An error of a function, without its status. Over HTTP an error with a `statusCode` of 4xx is a refusal,
 * after which the client does not come back. A queue delivers its message again whatever the error, and
 * the status may be another service's.
 */
export class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** The error itself. */
export function errorOf(thrown: unknown): unknown {
  return thrown instanceof Thrown ? thrown.error : thrown;
}

/** The policy of a contract, which sees the function's own errors. */
export function seeingErrors(outcome: OutcomePolicy): OutcomePolicy {
  return (ending) =>
    outcome(ending.kind === "threw" ? { ...ending, error: errorOf(ending.error) } : ending);
}
