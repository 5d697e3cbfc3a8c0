import { type Compared, compare } from "./comparison.ts";
import { type DurableExecution, isSuspended } from "./durable.ts";
import {
  type ClaimedRecord,
  type CompletedRecord,
  type FreedRecord,
  hasBegun,
  type IdempotencyRecord,
} from "./record.ts";
import type { Takeover } from "./store.ts";

/** The execution that wants a claim. */
export interface Claimant extends Compared {
  readonly owner: string;
  /** The durable execution that it belongs to; absent = it belongs to none. */
  readonly durable?: DurableExecution | undefined;
}

/** The meaning of a record for an execution that wants to claim its id. */
export type Verdict =
  /**
   * The claim is the claimant's own: DynamoDB's reply was lost, and the SDK sent the claim again.
   */
  | { readonly kind: "own"; readonly record: ClaimedRecord }
  /**
   * An earlier invocation of the same durable execution has claimed it, and this one goes on with it,
   * with any lease and any end: nothing but its own execution has held it.
   */
  | { readonly kind: "suspended"; readonly record: ClaimedRecord }
  /** The work is done, and the request is the same. */
  | { readonly kind: "completed"; readonly record: CompletedRecord }
  /**
   * The key belongs to another request. This request never executes, in whichever state the other
   * is.
   */
  | { readonly kind: "mismatch"; readonly record: IdempotencyRecord }
  /** The same request is being executed. */
  | { readonly kind: "inFlight"; readonly record: ClaimedRecord }
  /**
   * The service has changed since, so whether the key belongs to this request or to another is unknown.
   * This request does not execute.
   */
  | { readonly kind: "incomparable"; readonly record: IdempotencyRecord }
  /**
   * The same request began, and its owner is presumed dead. `isRewritten`: it is the same under an
   * earlier scheme, or release 0.1 has claimed it, so a takeover names exactly this record and writes
   * its fingerprint, scheme and version anew.
   */
  | { readonly kind: "lapsed"; readonly record: ClaimedRecord; readonly isRewritten?: true }
  /** The same request began, and its outcome is unknown. */
  | { readonly kind: "unknown"; readonly record: IdempotencyRecord }
  /** The key was freed: a refused request has left it unused. */
  | { readonly kind: "freed"; readonly record: FreedRecord }
  /** The time of the record is over, so the key is unused. */
  | { readonly kind: "ended"; readonly record: IdempotencyRecord }
  /** There is no record, so the key is unused. */
  | { readonly kind: "absent" };

/** Judges a record that refused a claim, or that was read while waiting for its owner. */
export function judgeClaim(
  record: IdempotencyRecord | undefined,
  claimant: Claimant,
  nowMs: number,
): Verdict {
  if (record === undefined) return { kind: "absent" };
  // Ownership comes first: no clock and no fingerprint can make the claimant's own claim foreign.
  if (record.owner === claimant.owner) {
    if (record.state === "CLAIMED") return { kind: "own", record };
    if (record.state === "COMPLETED") return { kind: "completed", record };
    if (record.state === "UNKNOWN") return { kind: "unknown", record };
  }
  if (record.state === "CLAIMED" && isSuspended(record, claimant.durable)) {
    const relation = compare(record, claimant);
    if (relation === "same" || relation === "rewritten") return { kind: "suspended", record };
  }
  if (hasEnded(record, nowMs)) {
    // Its owner may still be at work, and complete what it has done.
    return record.state === "CLAIMED" && record.leaseUntilMs > nowMs
      ? { kind: "inFlight", record }
      : { kind: "ended", record };
  }
  if (record.state === "FREED") return { kind: "freed", record };
  const relation = compare(record, claimant);
  if (relation === "other") return { kind: "mismatch", record };
  if (relation === "incomparable") return { kind: "incomparable", record };
  switch (record.state) {
    case "COMPLETED":
      return { kind: "completed", record };
    case "UNKNOWN":
      return { kind: "unknown", record };
    case "CLAIMED": {
      if (record.leaseUntilMs > nowMs) return { kind: "inFlight", record };
      const isRewritten = relation === "rewritten" || record.isOld === true;
      return { kind: "lapsed", record, ...(isRewritten && { isRewritten }) };
    }
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
  return ["same", "rewritten"].includes(compare(record, claimant)) ? record : "fenced";
}

/** Whether any request may take the key. */
export function isUnused({ kind }: Verdict): boolean {
  return kind === "absent" || kind === "ended" || kind === "freed";
}

/**
 * Whether a lapsed claim may be taken over. Begun work is never forgotten by a route that does not
 * resume it, nor an entity's id by a route that creates none.
 */
export function allowsTakeover(
  record: ClaimedRecord,
  { takeover, hasEntity }: { readonly takeover: Takeover; readonly hasEntity: boolean },
): boolean {
  if (takeover === "never") return false;
  if (takeover === "restart" && hasBegun(record)) return false;
  return hasEntity || record.entityId === undefined;
}

/**
 * TTL deletes later, so the end is decided by comparing times, here and in the condition of a claim.
 * What has begun never ends incomplete.
 */
export function hasEnded(record: IdempotencyRecord, nowMs: number): boolean {
  if (record.state === "CLAIMED" && hasBegun(record)) return false;
  return (record.expiresAtSeconds ?? Number.POSITIVE_INFINITY) <= Math.floor(nowMs / 1000);
}
