/** The schema number of the records that this version writes and reads. */
export const RECORD_VERSION = 1;

interface AnyRecord {
  /** Digest of tenant, operation and key; the key itself is not stored. */
  readonly id: string;
  /** Id of the execution that claimed the key; no other execution has it. */
  readonly owner: string;
  /** Grows with every claim of this id, and never shrinks. */
  readonly fence: number;
  /** Digest of everything that makes two requests the same request. */
  readonly fingerprint: string;
  /**
   * Id of the entity that the request creates, allocated with the claim; every takeover keeps it.
   */
  readonly entityId?: string | undefined;
  /** Epoch seconds after which the key is unused again; `undefined` = never expires. */
  readonly expiresAtSeconds?: number | undefined;
}

/** An execution began, and has not ended as far as the store knows. */
export interface ClaimedRecord extends AnyRecord {
  readonly state: "CLAIMED";
  /** Epoch milliseconds until when the owner is presumed alive. */
  readonly leaseUntilMs: number;
  /** How often this request has been claimed so far; 0 once its key was freed. */
  readonly claims: number;
  /** Epoch milliseconds of the first claim of this request; takeovers keep it, freeing ends it. */
  readonly startedAtMs?: number;
  /** Steps that executions of this request have finished so far, in order; absent = no step. */
  readonly steps?: readonly RecordedStep[];
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

/** The record under one id. */
export type IdempotencyRecord = ClaimedRecord | CompletedRecord | UnknownRecord;
