import type { Contract } from "../protocol/contract.ts";

/**
 * An error of a function, without its status. Over HTTP an error with a `statusCode` of 4xx is a refusal,
 * after which the client does not come back. A queue delivers its message again after any error, and
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

/** The contract, with a policy that sees the function's own errors. */
export function seeingErrors(contract: Contract): Contract {
  return {
    ...contract,
    outcome: (ending) =>
      contract.outcome(
        ending.kind === "threw" ? { ...ending, error: errorOf(ending.error) } : ending,
      ),
  };
}
