/**
 * The base of every error that this library throws.
 *
 * Recognise it by `name` and `code`, not with `instanceof`: two copies of a package exist in real
 * bundles.
 */
export class IdempotencyError extends Error {
  override readonly name: string = "IdempotencyError";
  /** What happened, as one word that programs can compare. */
  readonly code: string;
  /** The HTTP status with which it is answered where it reaches a client. */
  readonly statusCode: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(
    message: string,
    details: { code: string; statusCode: number; retryable: boolean; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.statusCode = details.statusCode;
    this.retryable = details.retryable;
  }
}

/** The options, or the event that the function is wired to, cannot work. A programmer's error. */
export class ConfigurationError extends IdempotencyError {
  override readonly name = "IdempotencyConfigurationError";

  constructor(message: string) {
    super(message, { code: "configuration", statusCode: 500, retryable: false });
  }
}

/**
 * Why a call of the store failed, as far as it matters for sending the same request again.
 *
 * - `conflict`: another write of the same item is under way. This request was not carried out.
 * - `throttled`: there was no capacity. This request was not carried out.
 * - `failed`: the store answered that it failed. What it did is unknown.
 * - `unanswered`: no answer came. What the store did, if anything, is unknown.
 */
export type StoreFailure = "conflict" | "throttled" | "failed" | "unanswered";

/**
 * The store refused for the moment, failed, or gave no answer in time. A store that says so sends
 * nothing again for long: the protocol does it, while the invocation has time.
 */
export class StoreError extends IdempotencyError {
  override readonly name = "IdempotencyStoreError";
  readonly failure: StoreFailure;

  /** @param failure under each, an earlier attempt of the same call may have been carried out. */
  constructor(message: string, cause: unknown, failure: StoreFailure = "unanswered") {
    super(message, { code: "store_unavailable", statusCode: 503, retryable: true, cause });
    this.failure = failure;
  }
}

/**
 * The condition of a business write failed, and the whole commit was refused: nothing was written,
 * and the claim is still this execution's. Catch it, and answer what it means.
 *
 * @example
 * try {
 *   return await context.idempotency.commit([debit, credit], created);
 * } catch (error) {
 *   if (!isCommitRefused(error)) throw error;
 *   return { statusCode: 422, body: "insufficient funds" };
 * }
 */
export class CommitRefused extends IdempotencyError {
  override readonly name = "IdempotencyCommitRefused";
  /** Which of the writes given to `commit` it was, from 0. */
  readonly index: number;
  readonly reason = "ConditionalCheckFailed";
  /** The item in the way, if the write asked for it (`ReturnValuesOnConditionCheckFailure`). */
  readonly item: Readonly<Record<string, unknown>> | undefined;

  constructor(index: number, item: Readonly<Record<string, unknown>> | undefined) {
    super(
      `The condition of write ${index} failed, so nothing was committed. Catch this error (IdempotencyCommitRefused) and answer what it means.`,
      { code: "commit_refused", statusCode: 500, retryable: false },
    );
    this.index = index;
    this.item = item;
  }
}

/**
 * Whether an error is `CommitRefused`: the condition of a business write failed, and nothing was
 * written. Recognises it by its name, so it may come from another copy of this package.
 *
 * @example
 * if (!isCommitRefused(error)) throw error;
 * const message = ["insufficient funds", "unknown account"][error.index];
 */
export function isCommitRefused(error: unknown): error is CommitRefused {
  return (
    typeof error === "object" &&
    error !== null &&
    "name" in error &&
    error.name === "IdempotencyCommitRefused"
  );
}

/** The writes of a commit can never be applied as they are. A programmer's error; nothing was. */
export class CommitError extends IdempotencyError {
  override readonly name = "IdempotencyCommitError";

  constructor(message: string, cause?: unknown) {
    super(message, { code: "commit_invalid", statusCode: 500, retryable: false, cause });
  }
}

/**
 * The steps of a handler are not what they must be: not those of the record, two under one name, or
 * a result that cannot be recorded. A programmer's error; nothing was skipped.
 */
export class StepError extends IdempotencyError {
  override readonly name = "IdempotencyStepError";

  constructor(message: string) {
    super(message, { code: "step_invalid", statusCode: 500, retryable: false });
  }
}

/**
 * A step could not be recorded, and this execution is over: let it pass. Another execution goes on
 * with the request, or the next attempt will; the client is told so, whatever the handler answers.
 */
export class StepInterrupted extends IdempotencyError {
  override readonly name = "IdempotencyStepInterrupted";

  constructor() {
    super("The step could not be recorded, so this execution of the request is over.", {
      code: "step_interrupted",
      statusCode: 503,
      retryable: true,
    });
  }
}

/** A record was found that this version cannot read. It is left as it is, and nothing executes. */
export class RecordError extends IdempotencyError {
  override readonly name = "IdempotencyRecordError";

  constructor(message: string) {
    super(message, { code: "record_unreadable", statusCode: 500, retryable: false });
  }
}

/** Why a request gets no answer from the handler and none from the record. */
export type RefusalCode =
  | "key_missing"
  | "key_malformed"
  | "payload_mismatch"
  | "request_in_flight"
  | "request_interrupted"
  | "outcome_unknown"
  | "already_completed"
  | "claim_lost"
  | "store_unavailable"
  | "commit_collided"
  | "outcome_not_recorded"
  | "record_unreadable";

/** A refusal, before a profile has put it into words for its clients. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What was wrong, with which value, where the code alone does not say it. */
  readonly detail?: string;
  /** Id of what the first request creates, or has created, where the profile has entities. */
  readonly entityId?: string;
  /** Milliseconds after which a repeat is answered, where they are known. */
  readonly retryAfterMs?: number;
  /** What stood behind it; for logs and metrics, never for the client. */
  readonly cause?: unknown;
}

/**
 * What a failure of the store means for the client. Anything unforeseen fails closed as well.
 *
 * @throws the error itself, where only a change of the deployment can mend it: a missing table.
 */
export function refusalFrom(error: unknown): Refusal {
  const { name, failure, cause } = (error ?? {}) as Partial<Record<keyof StoreError, unknown>>;
  if (name === "IdempotencyConfigurationError") throw error;
  if (name === "IdempotencyRecordError") return { code: "record_unreadable", cause: error };
  // Another execution is writing this very record at this moment.
  const isConflict = name === "IdempotencyStoreError" && failure === "conflict";
  // A store that is not ours may say so with the error behind it alone.
  const { name: causeName } = (cause ?? {}) as Partial<Error>;
  if (isConflict || causeName === "TransactionConflictException") {
    return { code: "request_in_flight" };
  }
  return { code: "store_unavailable", cause: error };
}
