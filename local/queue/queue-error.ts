/** The code of SQS for a parameter that has no valid value. */
const INVALID_VALUE = "InvalidParameterValue";

/** A request that SQS refuses. */
export class QueueError extends Error {
  /** The name of the error in the API of SQS. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Refuses the value of a parameter. */
export function invalidValue(name: string, value: unknown, reason: string): never {
  throw new QueueError(
    INVALID_VALUE,
    `Value ${value} for parameter ${name} is invalid. Reason: ${reason}.`,
  );
}
