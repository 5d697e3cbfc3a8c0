import type { CancellationReason } from "@aws-sdk/client-dynamodb";
import { facts, isRefusedForNow } from "./failure.ts";
import type { Item } from "./item.ts";

/** Why DynamoDB did not carry a commit out. */
export type Cancellation =
  /** The record's condition failed: this execution does not own the claim, or no longer does. */
  | { readonly kind: "record"; readonly item: Item | undefined }
  /**
   * The commit collided with another one, or there was no capacity: send it again. `mayBeApplied`:
   * the SDK had sent it before, or it is still on its way, so this refusal is not the whole truth.
   */
  | { readonly kind: "collision"; readonly mayBeApplied: boolean }
  /** The condition of a business write failed. */
  | { readonly kind: "business"; readonly index: number; readonly item: Item | undefined }
  /**
   * The commit can never be carried out as it is. The message names the write, if one is known.
   */
  | { readonly kind: "invalid"; readonly message: string }
  /** The commit may or may not have been carried out. */
  | { readonly kind: "unknown" };

/** Errors of the whole request: nothing was written, and no retry can succeed. */
const INVALID = new Set<unknown>([
  "ValidationException",
  "ResourceNotFoundException",
  "AccessDeniedException",
  "IdempotentParameterMismatchException",
  "ItemCollectionSizeLimitExceededException",
]);

/**
 * Judges the error of a `TransactWriteItems` whose first item is the record. The record's own
 * condition comes first: without the claim, the business conditions do not matter. Collisions come
 * next, because a repeat will tell whether a business condition really fails.
 */
export function judgeCancellation(error: unknown): Cancellation {
  const { name, message, $metadata } = facts(error);
  const CancellationReasons = reasonsIn(error);
  const collision = {
    kind: "collision",
    mayBeApplied: name === "TransactionInProgressException" || ($metadata?.attempts ?? 1) > 1,
  } as const;
  if (name !== "TransactionCanceledException" || CancellationReasons === undefined) {
    if (isRefusedForNow(name)) return collision;
    if (!INVALID.has(name)) return { kind: "unknown" };
    return { kind: "invalid", message: `${name}: ${message}` };
  }
  const [record, ...business] = CancellationReasons;
  if (record?.Code === "ConditionalCheckFailed") return { kind: "record", item: record.Item };
  if (CancellationReasons.some(({ Code }) => isRefusedForNow(Code))) return collision;
  for (const [index, { Code, Item }] of business.entries()) {
    if (Code === "ConditionalCheckFailed") return { kind: "business", index, item: Item };
  }
  const reasons = CancellationReasons.map(({ Code, Message }, index) => {
    const write = index === 0 ? "the record" : `write ${index - 1}`;
    return Code === "None" ? "" : `${write}: ${Code}: ${Message}`;
  });
  return { kind: "invalid", message: reasons.filter((line) => line !== "").join("; ") };
}

/** `undefined` if the error has no reasons. */
function reasonsIn(error: unknown): CancellationReason[] | undefined {
  const { CancellationReasons } = Object(error) as { readonly CancellationReasons?: unknown };
  if (!Array.isArray(CancellationReasons)) return undefined;
  return CancellationReasons.map((reason) => reason ?? {});
}
