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
   * Which existing records this claim may replace. `never`: only unused or expired ids. `allowed`:
   * also a lapsed claim of the same request. `only`: nothing but such a claim; the completer uses
   * it, because it must not start new work.
   */
  readonly takeover: "never" | "allowed" | "only";
  /**
   * Id of the entity that the request creates. A record that has one keeps it. `undefined` = the
   * request creates no entity.
   */
  readonly entityId?: string | undefined;
  /**
   * The function a completer invokes if the client never retries. Omit it to leave an abandoned
   * claim alone.
   */
  readonly completer?: Completer | undefined;
}

/** How a completer can finish the work under a claim. */
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

/** Ends a claim that no other execution has held in between. */
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

/** Records a finished step, after the given number of others. */
export interface CheckpointRequest extends Owned {
  /** The number of steps recorded before this one. */
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
  /**
   * The same over every send of the same writes, so that a send counts once, even if its reply was lost.
   */
  readonly token: string;
};

export interface ExtendRequest extends Owned {
  readonly leaseUntilMs: number;
}

/** The record that refused the write, so that judging the refusal costs no further round trip. */
export interface RefusedWrite {
  readonly applied: false;
  readonly record: IdempotencyRecord | undefined;
}

/** The outcome of a claim. */
export type ClaimOutcome =
  | { readonly applied: true; readonly record: ClaimedRecord }
  | RefusedWrite;

/** The outcome of a write under an existing claim. */
export type WriteOutcome = { readonly applied: true } | RefusedWrite;

/**
 * The commit collided with another transaction, or there was no capacity: it may be sent again.
 */
export interface CollidedCommit {
  readonly applied: false;
  /**
   * An earlier send of this commit may have been applied, or may still be. `false` = nothing was
   * written.
   */
  readonly mayBeApplied: boolean;
}

/** Bounds one call of a store. */
export interface CallOptions {
  /** Milliseconds that the caller waits at most; the store's own bounds hold as well. */
  readonly timeoutMs?: number;
}

/** How fresh the record must be. */
export interface ReadOptions extends CallOptions {
  /**
   * `eventual` may miss the latest writes, for half the price.
   * @default "strong"
   */
  readonly consistency?: "strong" | "eventual";
}

/**
 * The place of the records. Every write is one conditional write, and a refusal is a value. A store
 * rejects only if it could not be reached or did not reply: with a `StoreError`, whose `failure`
 * says whether the same request is worth sending again.
 *
 * Implementations: `dynamoDbStore` and `memoryStore`; one contract suite runs against both.
 */
export interface Store {
  /**
   * Makes the caller the owner if the id is unused or expired, or its lease has lapsed (same
   * fingerprint).
   */
  claim(request: ClaimRequest, options?: CallOptions): Promise<ClaimOutcome>;
  /** Records the response, if the caller still owns the claim. */
  complete(request: CompleteRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** Records a step, if the caller still owns the claim and exactly `index` steps are recorded. */
  checkpoint(request: CheckpointRequest, options?: CallOptions): Promise<WriteOutcome>;
  /**
   * Completes, or records a step, with business writes in the same transaction. Stores that cannot
   * commit leave it out.
   *
   * Rejects with `CommitRefused` if a business condition fails, and with `CommitError` if the
   * writes can never be applied as they are; nothing was written in either case. After a
   * `StoreError` the outcome is unknown.
   */
  commit?(request: CommitRequest, options?: CallOptions): Promise<WriteOutcome | CollidedCommit>;
  /**
   * Ends the lease, if the caller still owns the claim: the same request may claim at once, another
   * is a mismatch.
   */
  release(request: Owned, options?: CallOptions): Promise<WriteOutcome>;
  /**
   * Ends the claim, if the caller still owns it and no claim has followed: the key is unused again,
   * but the fence survives.
   */
  free(request: FreeRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** Moves the lease, if the caller still owns the claim. */
  extend(request: ExtendRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** The record as it is now, or, with consistency `eventual`, as it was a moment ago. */
  read(id: string, options?: ReadOptions): Promise<IdempotencyRecord | undefined>;
}
