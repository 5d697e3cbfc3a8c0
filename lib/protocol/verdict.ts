import type { ClaimedRecord, CompletedRecord, IdempotencyRecord } from "./record.ts";

/** The execution that asks. */
export interface Claimant {
  readonly owner: string;
  readonly fingerprint: string;
}

/** What a record means for an execution that wants to claim its id. */
export type Verdict =
  /** The claim is mine already: its answer was lost, and the SDK sent it again. */
  | { readonly kind: "own"; readonly record: ClaimedRecord }
  /** The work is done and the request is the same one. */
  | { readonly kind: "completed"; readonly record: CompletedRecord }
  /** The key belongs to another request. It never executes, whatever the state of that one. */
  | { readonly kind: "mismatch"; readonly record: IdempotencyRecord }
  /** The same request is being executed. */
  | { readonly kind: "inFlight"; readonly record: ClaimedRecord }
  /** The same request began, and its owner is presumed dead. */
  | { readonly kind: "lapsed"; readonly record: ClaimedRecord }
  /** The same request began, and nobody knows how it ended. */
  | { readonly kind: "unknown"; readonly record: IdempotencyRecord }
  /** Nothing stands in the way (any more). */
  | { readonly kind: "unused" };

/** Judges a record that refused a claim, or that was read while waiting for its owner. */
export function judgeClaim(
  record: IdempotencyRecord | undefined,
  me: Claimant,
  nowMs: number,
): Verdict {
  if (record === undefined) return { kind: "unused" };
  // Mine comes before everything else: no clock and no fingerprint can make my own claim foreign.
  if (record.owner === me.owner) {
    if (record.state === "CLAIMED") return { kind: "own", record };
    return record.state === "COMPLETED"
      ? { kind: "completed", record }
      : { kind: "unknown", record };
  }
  if (hasExpired(record, nowMs)) return { kind: "unused" };
  if (record.fingerprint !== me.fingerprint) return { kind: "mismatch", record };
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
 * Judges the record that refused a completion, or (without a `response`) another write under a claim.
 *
 * - `"recorded"`: the answer to this very completion was lost, and the SDK sent it again.
 * - a record: another execution of the same request was taken for the real one, or this one ended
 *   with another answer before; the answer in it counts.
 * - `"fenced"`: the claim is no longer mine, and there is no answer to give in its place.
 */
export function judgeCompletion(
  record: IdempotencyRecord | undefined,
  me: Claimant,
  response?: string,
): "recorded" | "fenced" | CompletedRecord {
  if (record?.state !== "COMPLETED") return "fenced";
  if (record.owner === me.owner) return record.response === response ? "recorded" : record;
  return record.fingerprint === me.fingerprint ? record : "fenced";
}

/** TTL deletes hours late, so expiry is decided here and in the claim's condition, by comparing. */
function hasExpired(record: IdempotencyRecord, nowMs: number): boolean {
  return (record.expiresAtSeconds ?? Number.POSITIVE_INFINITY) <= Math.floor(nowMs / 1000);
}
