import type { ClaimedRecord, CompletedRecord, IdempotencyRecord } from "./record.ts";

/** The execution that wants a claim. */
export interface Claimant {
  readonly owner: string;
  readonly fingerprint: string;
}

/** The meaning of a record for an execution that wants to claim its id. */
export type Verdict =
  /**
   * The claim is the claimant's own: DynamoDB's reply was lost, and the SDK sent the claim again.
   */
  | { readonly kind: "own"; readonly record: ClaimedRecord }
  /** The work is done, and the request is the same. */
  | { readonly kind: "completed"; readonly record: CompletedRecord }
  /**
   * The key belongs to another request. This request never executes, in whichever state the other
   * is.
   */
  | { readonly kind: "mismatch"; readonly record: IdempotencyRecord }
  /** The same request is being executed. */
  | { readonly kind: "inFlight"; readonly record: ClaimedRecord }
  /** The same request began, and its owner is presumed dead. */
  | { readonly kind: "lapsed"; readonly record: ClaimedRecord }
  /** The same request began, and its outcome is unknown. */
  | { readonly kind: "unknown"; readonly record: IdempotencyRecord }
  /** The id is unused, or has become unused. */
  | { readonly kind: "unused" };

/** Judges a record that refused a claim, or that was read while waiting for its owner. */
export function judgeClaim(
  record: IdempotencyRecord | undefined,
  claimant: Claimant,
  nowMs: number,
): Verdict {
  if (record === undefined) return { kind: "unused" };
  // Ownership comes first: no clock and no fingerprint can make the claimant's own claim foreign.
  if (record.owner === claimant.owner) {
    if (record.state === "CLAIMED") return { kind: "own", record };
    return record.state === "COMPLETED"
      ? { kind: "completed", record }
      : { kind: "unknown", record };
  }
  if (hasExpired(record, nowMs)) return { kind: "unused" };
  if (record.fingerprint !== claimant.fingerprint) return { kind: "mismatch", record };
  switch (record.state) {
    case "COMPLETED":
      return { kind: "completed", record };
    case "UNKNOWN":
      return { kind: "unknown", record };
    case "CLAIMED":
      return { kind: record.leaseUntilMs > nowMs ? "inFlight" : "lapsed", record };
  }
}

/**
 * Judges the record that refused a completion, or (without a `response`) another write under a
 * claim.
 *
 * - `"recorded"`: the reply to this very completion was lost, and the SDK sent it again.
 * - a record: another execution of the same request completed it, or this one completed it earlier
 *   with another response; the response in the record counts.
 * - `"fenced"`: the claimant no longer owns the claim, and there is no response to give in its
 *   place.
 */
export function judgeCompletion(
  record: IdempotencyRecord | undefined,
  claimant: Claimant,
  response?: string,
): "recorded" | "fenced" | CompletedRecord {
  if (record?.state !== "COMPLETED") return "fenced";
  if (record.owner === claimant.owner) return record.response === response ? "recorded" : record;
  return record.fingerprint === claimant.fingerprint ? record : "fenced";
}

/**
 * TTL deletes hours late, so expiry is decided by comparing times, here and in the claim's
 * condition.
 */
function hasExpired(record: IdempotencyRecord, nowMs: number): boolean {
  return (record.expiresAtSeconds ?? Number.POSITIVE_INFINITY) <= Math.floor(nowMs / 1000);
}
