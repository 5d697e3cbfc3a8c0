import type { TransactWrite } from "../protocol/transact-write.ts";

/** The parameter of the function of a step. */
export interface Step {
  /**
   * A key for the step's call to another service, the same on every attempt of this request: a
   * downstream that deduplicates by it acts once. The client's own key cannot be read from it.
   */
  readonly downstreamKey: string;
  /**
   * Aborted shortly before Lambda's time-out, as the handler's own signal; see
   * {@link IdempotencyContext}.
   */
  readonly signal: AbortSignal;
  /**
   * Applies the writes and records the result of the step, in one DynamoDB transaction. The step then
   * has this result, and its function's returned value is ignored. Await the commit: a function that
   * catches its error may commit again, or return another result.
   *
   * @param writes up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`.
   * @param result plain data; every execution gets it as its JSON text says it.
   * @throws CommitRefused if the condition of a write failed; nothing was written.
   * @throws CommitError if the writes can never be applied, or the step has committed or ended before.
   * @throws StepError if the result cannot be recorded.
   * @throws StepInterrupted if another execution took the claim over, or whether the step was recorded is
   *   unknown. Rethrow it.
   */
  commit<Result>(writes: readonly TransactWrite[], result: Result): Promise<Result>;
}

/** The function that does the work of a step, and returns its result. */
export type RunStep<Result> = (step: Step) => Promise<Result> | Result;

/** The writes and the result of a step whose whole effect is in DynamoDB. */
export interface StepCommit<Result> {
  /** Up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`. */
  readonly writes: readonly TransactWrite[];
  /** Plain data; every execution gets it as its JSON text says it. */
  readonly result: Result;
}

/**
 * Plans the commit of a step, synchronously and without an effect of its own.
 *
 * @param downstreamKey the key of the step, the same on every attempt of this request.
 */
export type PlanStep<Result> = (downstreamKey: string) => StepCommit<Result>;
