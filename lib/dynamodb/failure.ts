import type { StoreFailure } from "../errors.ts";

/*
 * Whether the same request may be sent again after an error of DynamoDB. The names are of exceptions,
 * and of the reasons for which a transaction was cancelled.
 */

/** Another write of the same item is under way, in this Region or in another. */
const CONFLICTS: readonly string[] = [
  "TransactionConflictException",
  "TransactionConflict",
  "TransactionInProgressException",
  // On a global table with strong consistency, for a write in another Region.
  "ReplicatedWriteConflictException",
];

/** No capacity: DynamoDB's own names, and those of every AWS service. */
const THROTTLED: readonly string[] = [
  "ProvisionedThroughputExceededException",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
  "ThrottlingException",
  "ThrottlingError",
  "Throttling",
  "ThrottledException",
  "LimitExceededException",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "BandwidthLimitExceeded",
  "PriorRequestNotComplete",
  "EC2ThrottledException",
  "SlowDown",
];

/** DynamoDB has failed, and does not say whether the request was carried out before. */
const FAILED: readonly string[] = [
  "InternalServerError",
  "InternalServerErrorException",
  "InternalFailure",
  "InternalError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
];

const FAILURES = new Map<unknown, StoreFailure>([
  ...CONFLICTS.map((name) => [name, "conflict"] as const),
  ...THROTTLED.map((name) => [name, "throttled"] as const),
  ...FAILED.map((name) => [name, "failed"] as const),
]);

/** Why a call failed, as far as the name of its error tells. */
export function failureByName(name: unknown): StoreFailure | undefined {
  return FAILURES.get(name);
}

/** Whether nothing was written, and the same request may succeed later. */
export function isRefusedForNow(name: unknown): boolean {
  const failure = failureByName(name);
  return failure === "conflict" || failure === "throttled";
}

/** Why a call failed, from a thrown value of any kind. */
export function judgeFailure(error: unknown): StoreFailure {
  const { name, $metadata } = facts(error);
  const failure = failureByName(name);
  if (failure !== undefined) return failure;
  const status = $metadata?.httpStatusCode ?? 0;
  if (status === 429) return "throttled";
  return status >= 500 ? "failed" : "unanswered";
}

/**
 * The members of an SDK error that are read. A client may throw any value; nothing here throws
 * again.
 */
interface ErrorFacts {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

export function facts(error: unknown): ErrorFacts {
  return typeof error === "object" && error !== null ? error : { message: String(error) };
}
