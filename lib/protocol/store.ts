import type { ClaimedRecord, IdempotencyRecord, RecordedStep } from "./record.ts";
import type { TransactWrite } from "./transact-write.ts";

/** One attempt to become the owner of an id. */
export interface ClaimRequest {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  readonly nowMs: number;
  readonly leaseUntilMs: number;
  /** Epoch seconds; `undefined` = the record never expires. */
  readonly expiresAtSeconds: number | undefined;
  /**
   * Whether a claim of the same fingerprint whose lease has lapsed is taken over: never, as well as
   * an id that is unused, or nothing but such a claim (who finishes abandoned work begins none).
   */
  readonly takeover: "never" | "allowed" | "only";
  /** Id of what the request creates; kept if the record has one. `undefined` = none is wanted. */
  readonly entityId?: string | undefined;
  /** Who finishes the work if nobody comes back for it; `undefined` = nobody. */
  readonly completer?: Completer | undefined;
}

/** What a completer needs to know about a claim. */
export interface Completer {
  /** The Lambda function that can finish the work. */
  readonly functionName: string;
  /** The event to invoke it with, as JSON text; `undefined` = it cannot be invoked again. */
  readonly event?: string | undefined;
}

/** Names the claim that a later write belongs to. */
export interface Owned {
  readonly id: string;
  readonly owner: string;
}

/** Ends a claim that nobody else has held in between. */
export interface FreeRequest extends Owned {
  /** How often the request had been claimed when this execution claimed it. */
  readonly claims: number;
  /** Epoch seconds that are past for every clock: the key is unused from then on. */
  readonly expiresAtSeconds: number;
}

export interface CompleteRequest extends Owned {
  readonly response: string;
  /** Epoch seconds; `undefined` = the record never expires. */
  readonly expiresAtSeconds: number | undefined;
  /** The id was not claimed before: this write claims it as well, under a claim's condition. */
  readonly claim?: Pick<ClaimRequest, "fingerprint" | "nowMs" | "takeover" | "entityId">;
}

/** Records that a step is done, after so many others. */
export interface CheckpointRequest extends Owned {
  /** How many steps are recorded before this one. */
  readonly index: number;
  readonly step: RecordedStep;
}

/**
 * Completes a record, or records a step in it, and applies the business writes, in one transaction
 * or not at all.
 */
export type CommitRequest = (
  | { readonly completion: CompleteRequest }
  | { readonly checkpoint: CheckpointRequest }
) & {
  readonly writes: readonly TransactWrite[];
  /** The same over every send of the same writes, so that a send that was lost counts once. */
  readonly token: string;
};

export interface ExtendRequest extends Owned {
  readonly leaseUntilMs: number;
}

/** The record that stood in the way, so that judging a refusal costs no further round trip. */
export interface RefusedWrite {
  readonly applied: false;
  readonly record: IdempotencyRecord | undefined;
}

/** What a claim came to. */
export type ClaimOutcome =
  | { readonly applied: true; readonly record: ClaimedRecord }
  | RefusedWrite;

/** What a write under an existing claim came to. */
export type WriteOutcome = { readonly applied: true } | RefusedWrite;

/** It collided with another transaction, or there was no capacity: it may be sent again. */
export interface CollidedCommit {
  readonly applied: false;
  /** An earlier send of it may have been applied, or may still be. `false` = nothing was written. */
  readonly mayBeApplied: boolean;
}

/** Bounds one call of a store. */
export interface CallOptions {
  /** Milliseconds after which the caller no longer waits; the store's own bounds hold as well. */
  readonly timeoutMs?: number;
}

/** How fresh what is read must be. */
export interface ReadOptions extends CallOptions {
  /**
   * `eventual` may miss the latest writes, for half the price.
   * @default "strong"
   */
  readonly consistency?: "strong" | "eventual";
}

/**
 * Where records live. Every write is one conditional write; a refusal is a value, and only a store
 * that could not be asked, or did not answer, rejects (with a `StoreError`, whose `failure` says
 * whether the same request is worth sending again).
 *
 * Implementations: `dynamoDbStore` and `memoryStore`; one contract suite runs against both.
 */
export interface Store {
  /** Becomes the owner if the id is unused, expired, or its lease has lapsed (same fingerprint). */
  claim(request: ClaimRequest, options?: CallOptions): Promise<ClaimOutcome>;
  /** Records the answer, if still the owner of a claim. */
  complete(request: CompleteRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** Records a step, if still the owner of a claim with exactly so many steps. */
  checkpoint(request: CheckpointRequest, options?: CallOptions): Promise<WriteOutcome>;
  /**
   * Completes, or records a step, with business writes in the same transaction. Stores that cannot
   * do it leave it out.
   *
   * Rejects with `CommitRefused` if a business condition fails, with `CommitError` if the writes
   * can never be applied as they are; nothing was written then. After a `StoreError` it is unknown.
   */
  commit?(request: CommitRequest, options?: CallOptions): Promise<WriteOutcome | CollidedCommit>;
  /** Ends the lease, if still the owner: the same request may claim at once, another is a mismatch. */
  release(request: Owned, options?: CallOptions): Promise<WriteOutcome>;
  /**
   * Ends the claim, if still the owner and nobody has claimed since: the key is unused again, but
   * the fence survives.
   */
  free(request: FreeRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** Moves the lease, if still the owner. */
  extend(request: ExtendRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** The record as it is now, or, read with consistency `eventual`, was a moment ago. */
  read(id: string, options?: ReadOptions): Promise<IdempotencyRecord | undefined>;
}
