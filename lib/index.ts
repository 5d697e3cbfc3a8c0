/**
 * Makes AWS Lambda endpoints safe to retry.
 *
 * @module
 */
export type { ItemIdentifier } from "./batch/batch.ts";
export type { BatchFailures } from "./batch/failures.ts";
export type { BatchOptions } from "./batch/options.ts";
export type { SqsClient } from "./batch/visibility.ts";
export type { IdempotencyContext, WithIdempotency } from "./context.ts";
export {
  CommitError,
  CommitRefused,
  ConfigurationError,
  IdempotencyError,
  InvocationInterrupted,
  isCommitRefused,
  RecordError,
  type Refusal,
  type RefusalCode,
  StepError,
  StepInterrupted,
  StoreError,
  type StoreFailure,
} from "./errors.ts";
export type { CountedMembers, FingerprintParts } from "./http/fingerprint.ts";
export type { KeyFormat, KeySource } from "./http/idempotency-key.ts";
export type { LambdaResponse, LayerResponse } from "./http/layer-response.ts";
export { problemEnvelope } from "./http/problem.ts";
export type { ClientRefusal, Envelope, RefusalResponse, Wording } from "./http/refusal.ts";
export type { HttpResponse } from "./http/response.ts";
export { idempotent } from "./idempotent.ts";
export { type BatchEvent, type IdentifierOf, idempotentBatch } from "./idempotent-batch.ts";
export { idempotentFunction } from "./idempotent-function.ts";
export type { PlanStep, RunStep, Step, StepCommit } from "./invocation/step.ts";
export { memoryStore } from "./memory.ts";
export { type AdviceCode, type Observation, type Observer, warnOperator } from "./observe.ts";
export type { IdempotencyOptions } from "./options.ts";
export { defineProfile } from "./profiles/define-profile.ts";
export { dfns } from "./profiles/dfns.ts";
export { dwolla } from "./profiles/dwolla.ts";
export { gluwa } from "./profiles/gluwa.ts";
export { ietf } from "./profiles/ietf.ts";
export { orzcash } from "./profiles/orzcash.ts";
export type { Profile } from "./profiles/profile.ts";
export { stripe } from "./profiles/stripe.ts";
export type { Clock } from "./protocol/clock.ts";
export type { Contract } from "./protocol/contract.ts";
export {
  defaultOutcome,
  type Ending,
  type OutcomePolicy,
  type Settlement,
} from "./protocol/outcome.ts";
export type { IdempotencyRecord } from "./protocol/record.ts";
export type { Retention } from "./protocol/retention.ts";
export type * from "./protocol/store.ts";
export type { TransactWrite } from "./protocol/transact-write.ts";
export { queue, stream, task, tool } from "./value/contracts.ts";
export { messageIdUntilRedrive } from "./value/message-id.ts";
export type {
  FunctionIdempotencyContext,
  FunctionOptions,
  WithFunctionIdempotency,
} from "./value/options.ts";
export {
  type FunctionRefusalCode,
  IdempotencyRefused,
  isIdempotencyRefused,
} from "./value/refused.ts";
