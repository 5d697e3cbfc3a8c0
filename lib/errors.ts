/**
 * The base of every error that this library throws.
 *
 * Recognise an error by its `name` or `code`, not with `instanceof`: a bundle may hold two copies of
 * this package.
 */
export class IdempotencyError extends Error {
  override readonly name: string = "IdempotencyError";
  /** The kind of error, as one word for programs to compare, for example `commit_refused`. */
  readonly code: string;
  /** The HTTP status of the response, if the error reaches the client. */
  readonly statusCode: number;
  /** Whether the same request may succeed on a retry. */
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

/**
 * The options, the handler or the event source cannot work. A programmer's error: only a change of
 * the code or of the deployment mends it. Thrown when the function starts, where that is possible.
 */
export class ConfigurationError extends IdempotencyError {
  override readonly name = "IdempotencyConfigurationError";

  constructor(message: string) {
    super(message, { code: "configuration", statusCode: 500, retryable: false });
  }
}

/**
 * The reason why a call of the store failed. It tells whether the call may have had an effect.
 *
 * - `conflict`: another write of the same item is under way. This call was not carried out.
 * - `throttled`: the store had no capacity. This call was not carried out.
 * - `failed`: the store reported a failure. Whether the call was carried out is unknown.
 * - `unanswered`: the store did not respond. Whether the call was carried out is unknown.
 */
export type StoreFailure = "conflict" | "throttled" | "failed" | "unanswered";

/**
 * The store refused for the moment, failed, or did not respond in time. A store throws this error
 * soon instead of retrying for long: the protocol retries, while the invocation has time.
 */
export class StoreError extends IdempotencyError {
  override readonly name = "IdempotencyStoreError";
  /** The reason. Under every one, an earlier attempt of the same call may have been carried out. */
  readonly failure: StoreFailure;

  constructor(message: string, cause: unknown, failure: StoreFailure = "unanswered") {
    super(message, { code: "store_unavailable", statusCode: 503, retryable: true, cause });
    this.failure = failure;
  }
}

/**
 * The condition of a business write failed. Nothing of the commit was written, and this execution
 * still owns its claim. Catch this error with {@link isCommitRefused}, and return the response for
 * the case.
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
  /** The index of the refused write in the list given to `commit`, from 0. */
  readonly index: number;
  readonly reason = "ConditionalCheckFailed";
  /**
   * The item for which the condition failed. `undefined` unless the write has
   * `ReturnValuesOnConditionCheckFailure: "ALL_OLD"`.
   */
  readonly item: Readonly<Record<string, unknown>> | undefined;

  constructor(index: number, item: Readonly<Record<string, unknown>> | undefined) {
    super(
      `The condition of write ${index} failed, so nothing was committed. Catch this error (IdempotencyCommitRefused) and return the response for this case.`,
      { code: "commit_refused", statusCode: 500, retryable: false },
    );
    this.index = index;
    this.item = item;
  }
}

/**
 * Whether an error is a {@link CommitRefused}: the condition of a business write failed, and nothing was
 * written. Recognises the error by its name, also if it comes from another copy of this package.
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

/**
 * A commit that can never be made as it is: its writes are invalid, its response cannot be stored, or
 * `commit` was called in a wrong place. A programmer's error. This call has written nothing.
 */
export class CommitError extends IdempotencyError {
  override readonly name = "IdempotencyCommitError";

  constructor(message: string, cause?: unknown) {
    super(message, { code: "commit_invalid", statusCode: 500, retryable: false, cause });
  }
}

/**
 * A handler uses `step()` wrongly: its steps are not those of the record, two steps have one name, or
 * a result cannot be recorded. A programmer's error. No step was skipped.
 */
export class StepError extends IdempotencyError {
  override readonly name = "IdempotencyStepError";

  constructor(message: string) {
    super(message, { code: "step_invalid", statusCode: 500, retryable: false });
  }
}

/**
 * A step could not be recorded, and this execution of the request has ended. A handler that catches
 * this error must rethrow it. Another execution resumes the request, or the next attempt will. The
 * client gets the refusal or the replay that says so, also if the handler returns a response.
 */
export class StepInterrupted extends IdempotencyError {
  override readonly name = "IdempotencyStepInterrupted";

  constructor() {
    super(
      "The step could not be recorded, so this execution of the request has ended. Rethrow this error (IdempotencyStepInterrupted): the layer responds to the client, and another execution or a retry resumes the request.",
      { code: "step_interrupted", statusCode: 503, retryable: true },
    );
  }
}

/**
 * The layer could not find out, or not record, how far the request has come, and the handler runs in a
 * durable execution. AWS's SDK fails the invocation and not the execution, so Lambda invokes the function
 * again, and the replay goes on under the claim. A handler that catches this error must rethrow it.
 */
export class InvocationInterrupted extends IdempotencyError {
  override readonly name = "IdempotencyInvocationInterrupted";
  /** AWS's SDK reads it. */
  readonly isUnrecoverableInvocation = true;

  constructor(code: RefusalCode, cause?: unknown) {
    super(
      `The invocation cannot go on (${code}), and the durable execution can. Rethrow this error (IdempotencyInvocationInterrupted): Lambda invokes the function again.`,
      { code, statusCode: 503, retryable: true, cause },
    );
  }
}

/**
 * A record, or a part of it, is not in a form that this version reads. The record stays as it is, and the
 * request is not executed. An operator has to repair the record.
 */
export class RecordError extends IdempotencyError {
  override readonly name = "IdempotencyRecordError";

  constructor(message: string) {
    super(message, { code: "record_unreadable", statusCode: 500, retryable: false });
  }
}

/**
 * The reason why the layer refuses a request: the client gets neither the handler's response nor a
 * replay.
 *
 * - `key_missing`: the profile requires a key, and the request has none.
 * - `key_malformed`: the key is not in the profile's format, or the request has two keys.
 * - `payload_mismatch`: another request used the key first.
 * - `request_incomparable`: the key was used before the service changed its rules of comparison.
 * - `request_in_flight`: the same request is being executed.
 * - `request_interrupted`: the same request was interrupted, and the profile refuses to execute it again.
 * - `outcome_unknown`: the same request was interrupted, and the completer has marked its outcome unknown.
 * - `already_completed`: the same request is complete, and the profile does not replay.
 * - `claim_lost`: another execution has taken this request over.
 * - `store_unavailable`: the store failed, and whether the key was used before is unknown.
 * - `key_freed`: the key was freed while this request ran, and its commit was not made.
 * - `commit_collided`: other transactions held the items of the commit until the time ran out.
 * - `outcome_not_recorded`: whether the response, the commit or a step was recorded is unknown.
 * - `record_unreadable`: see {@link RecordError}.
 */
export type RefusalCode =
  | "key_missing"
  | "key_malformed"
  | "payload_mismatch"
  | "request_incomparable"
  | "request_in_flight"
  | "request_interrupted"
  | "outcome_unknown"
  | "already_completed"
  | "claim_lost"
  | "store_unavailable"
  | "key_freed"
  | "commit_collided"
  | "outcome_not_recorded"
  | "record_unreadable";

/** A refusal, before the profile words it for its clients. */
export interface Refusal {
  readonly code: RefusalCode;
  /** The fault and the value that has it, if the code alone does not tell. */
  readonly detail?: string;
  /** The id of the entity that the first request creates or has created, under a profile with entities. */
  readonly entityId?: string;
  /** Milliseconds after which a retry may help; `undefined` = not known. */
  readonly retryAfterMs?: number;
  /** Whether the request that used the key first is complete; absent = it is not, or that is not known. */
  readonly isFirstDone?: boolean;
  /** Milliseconds until the lease of the execution at work ends; `undefined` = none is at work. */
  readonly leaseLeftMs?: number;
  /** The error behind the refusal, for logs and metrics. Never sent to the client. */
  readonly cause?: unknown;
}

/**
 * Translates a failure of the store into a refusal. An unforeseen error fails closed, too.
 *
 * @throws ConfigurationError, unchanged, if the given error is one: only a change of the deployment
 *   mends it, for example of a missing table.
 */
export function refusalFrom(error: unknown): Refusal {
  const { name, failure, cause } = (error ?? {}) as Partial<Record<keyof StoreError, unknown>>;
  if (name === "IdempotencyConfigurationError") throw error;
  if (name === "IdempotencyRecordError") return { code: "record_unreadable", cause: error };
  // Another execution is writing this record at this moment.
  const isConflict = name === "IdempotencyStoreError" && failure === "conflict";
  // A user's own store may report a conflict by the cause alone.
  const { name: causeName } = (cause ?? {}) as Partial<Error>;
  if (isConflict || causeName === "TransactionConflictException") {
    return { code: "request_in_flight" };
  }
  return { code: "store_unavailable", cause: error };
}
