import { IdempotencyError, type Refusal, type RefusalCode } from "../errors.ts";

/**
 * The reason why the layer refuses to run a function: a {@link RefusalCode}, or `result_not_kept`: the
 * function has run, and its result was too large or had no JSON text, so it cannot be repeated.
 */
export type FunctionRefusalCode = RefusalCode | "result_not_kept";

/**
 * The function does not run for this input, and there is no result to give in its place. `code` says why,
 * `retryable` whether the same call may succeed later, and `retryAfterMs` when that may be.
 *
 * Recognise it by its `name` or with {@link isIdempotencyRefused}, not with `instanceof`: a bundle may
 * hold two copies of this package.
 *
 * @example
 * try {
 *   await charge(order, context);
 * } catch (error) {
 *   if (isIdempotencyRefused(error) && error.retryable) return tryLater(error.retryAfterMs);
 *   throw error;
 * }
 */
export class IdempotencyRefused extends IdempotencyError {
  override readonly name = "IdempotencyRefused";
  declare readonly code: FunctionRefusalCode;
  /** The option `name` of the function that is refused, which may be another one that a handler calls. */
  readonly work: string;
  /** Milliseconds after which the same call may succeed; `undefined` = not known. */
  readonly retryAfterMs: number | undefined;
  /** Whether the call that used the key first is complete, for `payload_mismatch`. */
  readonly isFirstDone: boolean;
  /** Milliseconds until another execution may take over from the one at work; `undefined` = none is. */
  readonly leaseLeftMs: number | undefined;

  constructor(
    refusal: Omit<Refusal, "code"> & { readonly code: FunctionRefusalCode },
    name: string,
  ) {
    const { code, detail, cause, retryAfterMs, leaseLeftMs, isFirstDone = false } = refusal;
    const words = `${name}: ${MESSAGES[code]}`;
    const retryable = RETRYABLE.has(code);
    super(detail === undefined ? words : `${words} ${detail}`, {
      code,
      // No 4xx: a handler around this call would take that for a refusal before any effect of its own.
      statusCode: retryable ? 503 : 500,
      retryable,
      cause,
    });
    this.work = name;
    this.retryAfterMs = retryAfterMs;
    this.leaseLeftMs = leaseLeftMs;
    this.isFirstDone = isFirstDone;
  }
}

/** Whether an error is an {@link IdempotencyRefused}, also from another copy of this package. */
export function isIdempotencyRefused(error: unknown): error is IdempotencyRefused {
  return (error as { readonly name?: unknown } | null | undefined)?.name === "IdempotencyRefused";
}

const RETRYABLE: ReadonlySet<FunctionRefusalCode> = new Set<FunctionRefusalCode>([
  "request_in_flight",
  "claim_lost",
  "store_unavailable",
  "key_freed",
  "commit_collided",
  "outcome_not_recorded",
]);

/**
 * Each message names the subject, the cause and the next step, for a program and for an agent that reads
 * it. No message advises another key for the same work: an earlier call may have taken effect.
 */
const MESSAGES: Readonly<Record<FunctionRefusalCode, string>> = {
  key_missing:
    "the input has no key, so the function did not run. Give the input the value that the option key reads.",
  key_malformed: "the key of the input is not valid, so the function did not run.",
  payload_mismatch:
    "an earlier call used this key with another input, and may have taken effect. This call is refused. To repeat the earlier call, send its input unchanged.",
  request_incomparable:
    "this key was used before, and the function has changed since, so this input cannot be compared with the first one, which may have taken effect. The function did not run again. Look up the outcome of the first call.",
  request_in_flight:
    "a call with this key is being executed. Make the same call again later to get its result.",
  request_interrupted:
    "an earlier call with this key began and was interrupted. The function does not run again. Look up its outcome.",
  outcome_unknown:
    "an earlier call with this key began, and it is unknown whether it took effect. The function does not run again. Look up its outcome.",
  already_completed:
    "a call with this key was executed before, and is not executed again. Look up its outcome.",
  claim_lost:
    "another execution took over this call. Make the same call again later to get its result.",
  store_unavailable:
    "whether this key was used before could not be checked. Make the same call again.",
  key_freed:
    "an earlier execution of this call was refused while this one ran, so this one was not committed. Make the same call again.",
  commit_collided:
    "other transactions held the data that the call needs, and the call is not complete. Make the same call again.",
  outcome_not_recorded:
    "whether the call took effect could not be recorded. Make the same call again to get a definite result.",
  record_unreadable:
    "the record of this key cannot be read, so it is unknown whether the call took effect. The function does not run. An operator must repair the record.",
  result_not_kept:
    "a call with this key was executed before, and its result could not be kept. The function does not run again. Look up its outcome.",
};
