/** The schema number of the records that this version writes. */
export const RECORD_VERSION = 2;

/** The schema number of the records of release 0.1, which this version reads and finishes. */
export const OLD_RECORD_VERSION = 1;

interface AnyRecord {
  /** Digest of tenant, operation and key; the key itself is not stored. */
  readonly id: string;
  /** Id of the execution that claimed the key; no other execution has it. */
  readonly owner: string;
  /** Grows with every claim of this id, and never shrinks. */
  readonly fence: number;
  /** Digest of everything that makes two requests the same request. */
  readonly fingerprint: string;
  /** The scheme under which the fingerprint was made; `undefined` = a record of release 0.1. */
  readonly scheme?: string | undefined;
  /**
   * Id of the entity that the request creates, allocated with the claim; every takeover keeps it.
   */
  readonly entityId?: string | undefined;
  /**
   * Epoch seconds at which the record has ended: any request may take the key then. `undefined` =
   * never. The store deletes the record later, when no message of its executions can still arrive.
   */
  readonly expiresAtSeconds?: number | undefined;
}

/** An execution began, and has not ended as far as the store knows. */
export interface ClaimedRecord extends AnyRecord {
  readonly state: "CLAIMED";
  /** Epoch milliseconds until when the owner is presumed alive. */
  readonly leaseUntilMs: number;
  /** How often this request has been claimed so far; 0 = a record of release 0.1, whose key was freed. */
  readonly claims: number;
  /** Epoch milliseconds of the first claim of this request; takeovers keep it, freeing ends it. */
  readonly startedAtMs?: number;
  /** Steps that executions of this request have finished so far, in order; absent = no step. */
  readonly steps?: readonly RecordedStep[];
  /**
   * Epoch milliseconds of the begun mark, written before the first effect outside DynamoDB; absent =
   * there is no mark.
   */
  readonly begunAtMs?: number;
  /**
   * The fingerprint of the first claim, if a takeover has written another one since. The keys for other
   * services follow from it.
   */
  readonly originFingerprint?: string | undefined;
  /** The requests that were refused for good under this key before; see `FreedRecord`. */
  readonly refused?: readonly string[];
  /**
   * Epoch milliseconds from which on a completer was to look at the claim that this one has taken over;
   * absent = one has, or none was to.
   */
  readonly notLookedAtSinceMs?: number;
  /** Release 0.1 has claimed it last, which marks nothing: whether the request has begun is not known. */
  readonly isOld?: true;
}

/** A finished step that is not repeated: its name and its result. */
export interface RecordedStep {
  readonly name: string;
  /** JSON text; absent or `undefined` = the step returned nothing that JSON can express. */
  readonly result?: string | undefined;
}

/** The response is known, and every repeat gets it. Immutable until it expires. */
export interface CompletedRecord extends AnyRecord {
  readonly state: "COMPLETED";
  /** The response, as the text that was sent. */
  readonly response: string;
}

/** The outcome was given up: the effect may have happened, and no execution repeats it. */
export interface UnknownRecord extends AnyRecord {
  readonly state: "UNKNOWN";
}

/** The key is unused again: its request was refused for good, and had no effect. */
export interface FreedRecord extends AnyRecord {
  readonly state: "FREED";
  /** The requests that were refused for good since the key had a response or no record; absent = none. */
  readonly refused?: readonly string[];
}

/** The record under one id. */
export type IdempotencyRecord = ClaimedRecord | CompletedRecord | UnknownRecord | FreedRecord;

/** Whether the request of a claim may have had an effect that a new execution would repeat. */
export function hasBegun({ steps = [], begunAtMs }: ClaimedRecord): boolean {
  return steps.length > 0 || begunAtMs !== undefined;
}
