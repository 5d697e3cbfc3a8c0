import type { TransactWrite } from "../protocol/transact-write.ts";

/** What the function of a step is given. */
export interface Step {
  /**
   * A key for the step's call to somebody else: the same on every attempt of this request, so that a
   * downstream that dedups by it acts once. It does not give the client's own key away.
   */
  readonly downstreamKey: string;
  /** Aborted when Middy gives up waiting for the handler. */
  readonly signal: AbortSignal;
  /**
   * Applies the writes and records that the step is done, in one DynamoDB transaction. The step then
   * comes to `result`, whatever its function returns. Await it: whoever catches its error says that
   * the step may come to something else.
   *
   * @param writes up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`.
   * @throws CommitRefused if the condition of a write failed; nothing was written.
   * @throws CommitError if the writes can never be applied, or the step has committed or ended.
   * @throws StepError if the result cannot be recorded.
   * @throws StepInterrupted if the claim was lost, or nobody knows whether the step was recorded.
   */
  commit<Result>(writes: readonly TransactWrite[], result: Result): Promise<Result>;
}

/** The function of a step. */
export type RunStep<Result> = (step: Step) => Promise<Result> | Result;
