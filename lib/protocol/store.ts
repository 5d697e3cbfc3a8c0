import type { ClaimedRecord, IdempotencyRecord, RecordedStep } from "./record.ts";
import type { TransactWrite } from "./transact-write.ts";

/**
 * The lapsed claims of the same request that a claim may take over.
 *
 * - `never`: none.
 * - `restart`: claims without begun work, whose handler may run from its start.
 * - `resume`: all. The recorded steps are not run again.
 */
export type Takeover = "never" | "restart" | "resume";

/** One attempt to become the owner of an id. */
export interface ClaimRequest {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  /** The scheme of the fingerprint; `undefined` = the record's own, which stays. */
  readonly scheme?: string | undefined;
  readonly nowMs: number;
  readonly leaseUntilMs: number;
  /** Epoch seconds; `undefined` = the record never ends. */
  readonly expiresAtSeconds: number | undefined;
  /** The existing claims that this claim may replace, beside an unused id. */
  readonly takeover: Takeover;
  /** Whether this claim takes nothing but such a claim: it begins no work. */
  readonly onlyLapsed?: boolean | undefined;
  /**
   * The record that this claim replaces, and nothing else: it has ended or was freed. Nothing of it
   * reaches the new request. `undefined` = the claim takes an id without a record, or a lapsed claim.
   */
  readonly replaces?: ReplacedRecord | undefined;
  /**
   * The claim that this claim takes over, and nothing else: its request was found to be the same under an
   * earlier scheme, release 0.1 has claimed it, or it is suspended. The record gets this claim's fingerprint,
   * scheme and version.
   */
  readonly rewrites?: RewrittenRecord | undefined;
  /**
   * Id of the entity that the request creates. A record that has one keeps it, and is taken over only
   * by a claim with an entity. `undefined` = the request creates no entity.
   */
  readonly entityId?: string | undefined;
  /**
   * The function a completer invokes if the client never retries. Omit it to leave an abandoned
   * claim alone.
   */
  readonly completer?: Completer | undefined;
}

/** Names one state of one record. */
export interface ReplacedRecord {
  readonly owner: string;
  readonly fence: number;
  readonly state: IdempotencyRecord["state"];
}

/** Names a lapsed or suspended claim that is rewritten. */
export interface RewrittenRecord extends ReplacedRecord {
  /** Release 0.1 has claimed it. A claim that resumes it marks it as begun, because that is not known. */
  readonly isOld?: true | undefined;
  /**
   * The lease of a suspended claim, in epoch milliseconds: exactly this lease is asked for, in place of one
   * that is over, and the claim may have ended. `undefined` = the claim has lapsed.
   */
  readonly suspendedUntilMs?: number | undefined;
}

/** How a completer finds an abandoned claim, and what the contract lets it do. */
export interface Completer {
  /** The stable name of the function that can finish the work, as a rule its service. */
  readonly name: string;
  /**
   * The contract's `interrupted`, as the route keeps it. Under `resume` a request has begun with its first step or mark,
   * under the others with its claim; what has not begun is released.
   */
  readonly interrupted: "restart" | "resume" | "refuse";
  /** `complete`: the function is invoked again. `unknown`: the outcome is given up. */
  readonly abandoned: "complete" | "unknown";
  /** The event to invoke it with, as JSON text; `undefined` = it cannot be invoked again. */
  readonly event?: string | undefined;
}

/** Names the claim that a later write belongs to. */
export interface Owned {
  readonly id: string;
  readonly owner: string;
  readonly fence: number;
}

/** A write for an id that was not claimed before: it takes the id as well, if nothing stands under it. */
export interface Unclaimed {
  readonly id: string;
  readonly owner: string;
  readonly fence?: undefined;
  readonly claim: {
    readonly fingerprint: string;
    readonly scheme?: string | undefined;
    readonly nowMs: number;
    /** Id of the entity that the request creates. */
    readonly entityId?: string | undefined;
  };
}

/**
 * Ends a request without an effect: the key is unused from then on.
 *
 * With `claims`, it ends a claim that no other execution has held in between, and whose work has not
 * begun. With `claim`, it takes an id without a record, or the record that it `replaces`.
 */
export type FreeRequest = {
  /** Epoch seconds until when a commit that claims must not take the key. */
  readonly expiresAtSeconds: number;
  /** Names the request that is refused for good; `undefined` = the client is told to come again. */
  readonly refused?: string | undefined;
} & (
  | (Owned & {
      /** How often the request had been claimed when this execution claimed it. */
      readonly claims: number;
      readonly claim?: undefined;
    })
  | (Unclaimed & { readonly replaces?: ReplacedRecord | undefined })
);

export type CompleteRequest = ((Owned & { readonly claim?: undefined }) | Unclaimed) & {
  readonly response: string;
  /** Epoch seconds; `undefined` = the record never ends. */
  readonly expiresAtSeconds: number | undefined;
};

/** Says, before its first effect outside DynamoDB, that a request has begun. */
export interface MarkRequest extends Owned {
  readonly nowMs: number;
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
  /** Epoch milliseconds: a claim that has ended by then commits nothing. */
  readonly nowMs: number;
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
  /**
   * Whether the invocation still has time. A store asks before each send, also inside a client's
   * retries: nothing is sent after the end of the invocation.
   */
  readonly hasTime?: () => boolean;
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
   * Makes the caller the owner if there is no record under the id, or a lapsed claim of the same
   * request that it may take over; or of exactly the record that it `replaces`.
   */
  claim(request: ClaimRequest, options?: CallOptions): Promise<ClaimOutcome>;
  /** Says that the request has begun, if the caller still owns the claim. It never ends incomplete then. */
  mark(request: MarkRequest, options?: CallOptions): Promise<WriteOutcome>;
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
   * Frees the key, if the caller still owns the claim, no claim has followed, and no work has begun: any
   * request may take it, and the fence survives.
   */
  free(request: FreeRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** Moves the lease, if the caller still owns the claim. */
  extend(request: ExtendRequest, options?: CallOptions): Promise<WriteOutcome>;
  /** The record as it is now, or, with consistency `eventual`, as it was a moment ago. */
  read(id: string, options?: ReadOptions): Promise<IdempotencyRecord | undefined>;
}
