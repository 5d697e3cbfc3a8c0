/** The schema number of the records that this version writes and reads. */
export const RECORD_VERSION = 1;

interface AnyRecord {
  /** Digest of tenant, operation and key; the key itself is not stored. */
  readonly id: string;
  /** Id of the execution that claimed the key; no other execution has it. */
  readonly owner: string;
  /** Grows with every claim of this id, and never shrinks. */
  readonly fence: number;
  /** Digest of what makes two requests the same request. */
  readonly fingerprint: string;
  /** Id of what the request creates, allocated with the claim; every takeover keeps it. */
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
  /** What executions of this request have finished so far, in order; absent = no step. */
  readonly steps?: readonly RecordedStep[];
}

/** A step that is done and is not repeated: its name, and what it came to. */
export interface RecordedStep {
  readonly name: string;
  /** JSON text; absent or `undefined` = the step came to nothing that could be told. */
  readonly result?: string | undefined;
}

/** The answer is known and every repeat gets it. Immutable until it expires. */
export interface CompletedRecord extends AnyRecord {
  readonly state: "COMPLETED";
  /** The answer, as the text that was sent. */
  readonly response: string;
}

/** Somebody gave the outcome up: it may or may not have happened, and nobody executes it again. */
export interface UnknownRecord extends AnyRecord {
  readonly state: "UNKNOWN";
}

/** What the store holds under one id. */
export type IdempotencyRecord = ClaimedRecord | CompletedRecord | UnknownRecord;
