import type { ClaimedRecord, IdempotencyRecord } from "./record.ts";

/** One attempt to become the owner of an id. */
export interface ClaimRequest {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  readonly nowMs: number;
  readonly leaseUntilMs: number;
  /** Epoch seconds; `undefined` = the record never expires. */
  readonly expiresAtSeconds: number | undefined;
  /** Whether a claim of the same fingerprint whose lease has lapsed may be taken over. */
  readonly mayTakeOver: boolean;
}

/** Names the claim that a later write belongs to. */
export interface Owned {
  readonly id: string;
  readonly owner: string;
}

export interface CompleteRequest extends Owned {
  readonly response: string;
  /** Epoch seconds; `undefined` = the record never expires. */
  readonly expiresAtSeconds: number | undefined;
}

export interface ExtendRequest extends Owned {
  readonly leaseUntilMs: number;
}

/** The record that stood in the way, so that judging a refusal costs no further round trip. */
export interface Refused {
  readonly applied: false;
  readonly record: IdempotencyRecord | undefined;
}

/** What a claim came to. */
export type Claimed = { readonly applied: true; readonly record: ClaimedRecord } | Refused;

/** What a write under an existing claim came to. */
export type Written = { readonly applied: true } | Refused;

/** Bounds one call of a store. */
export interface CallOptions {
  /** Milliseconds after which the caller no longer waits; the store's own bounds hold as well. */
  readonly timeoutMs?: number;
}

/**
 * Where records live. Every write is one conditional write; a refusal is a value, and only a store
 * that could not be asked, or did not answer, rejects (with a `StoreError`).
 *
 * Implementations: `dynamoDbStore` and `memoryStore`; one contract suite runs against both.
 */
export interface Store {
  /** Becomes the owner if the id is unused, expired, or its lease has lapsed (same fingerprint). */
  claim(request: ClaimRequest, options?: CallOptions): Promise<Claimed>;
  /** Records the answer, if still the owner of a claim. */
  complete(request: CompleteRequest, options?: CallOptions): Promise<Written>;
  /** Ends the lease, if still the owner: the same request may claim at once, another is a mismatch. */
  release(request: Owned, options?: CallOptions): Promise<Written>;
  /** Ends the claim, if still the owner: the key is unused again, but the fence survives. */
  free(request: Owned, options?: CallOptions): Promise<Written>;
  /** Moves the lease, if still the owner. */
  extend(request: ExtendRequest, options?: CallOptions): Promise<Written>;
  /** The record as it is now (consistent), or `undefined`. */
  read(id: string, options?: CallOptions): Promise<IdempotencyRecord | undefined>;
}
