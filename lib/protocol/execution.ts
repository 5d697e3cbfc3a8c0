import type { Refusal } from "../errors.ts";
import type { Observer } from "../observe.ts";
import type { Clock } from "./clock.ts";
import type { Compared } from "./comparison.ts";
import type { Contract } from "./contract.ts";
import type { DurableExecution } from "./durable.ts";
import type { IdMemory } from "./id-memory.ts";
import type { FreedRecord, RecordedStep } from "./record.ts";
import type { RecordCache } from "./record-cache.ts";
import type { CallOptions, Completer, Store, Takeover } from "./store.ts";
import type { Claimant } from "./verdict.ts";

/** The tools of the protocol. Nothing else in it is nondeterministic. */
export interface Tools {
  readonly store: Store;
  /** `undefined` = every repeat asks the store. */
  readonly cache?: RecordCache | undefined;
  readonly clock: Clock;
  readonly randomUUID: () => string;
  readonly observe: Observer;
  /**
   * Milliseconds added to the remaining time of the invocation: how long a repeat still waits for a
   * dead owner.
   */
  readonly leaseMarginMs: number;
  /** The freed keys that a commit of this process has met. The next request under one reads first. */
  readonly freedIds: IdMemory;
}

/** A request with a key. It carries the tools and the contract, so that each call names them no more. */
export interface KeyedRequest extends Compared {
  readonly tools: Tools;
  readonly contract: Contract;
  /** The id of its record. */
  readonly id: string;
  /** The lapsed claims that this request may take over. */
  readonly takeover: Takeover;
  /** Whether it takes nothing but such a claim, and begins no work. */
  readonly onlyLapsed?: boolean | undefined;
  /** Whether a completer has sent it, with the event that the record keeps. */
  readonly isCompleters?: boolean | undefined;
  /** The platform's id of this invocation; `undefined` = it has none. */
  readonly invocationId?: string | undefined;
  /** Milliseconds until the platform ends this invocation; `undefined` = not known. */
  readonly remainingMs: () => number | undefined;
  /**
   * The function a completer invokes if the client never retries. Omit it to leave abandoned
   * requests alone.
   */
  readonly completer?: Completer | undefined;
  /** The durable execution of which this invocation is a part; absent = it is none. */
  readonly durable?: DurableExecution | undefined;
}

/** The right to execute a request, and the duty to settle it. */
export interface Execution extends Claimant {
  readonly request: KeyedRequest;
  /** `undefined` = nothing was claimed: completing is the claim as well (`claimAt: "commit"`). */
  readonly fence: number | undefined;
  readonly claimedAtMs: number;
  /** Id of the entity that the request creates; `undefined` if the profile has no entities. */
  readonly entityId: string | undefined;
  /** How often the request has been claimed, this claim included; 0 = nothing was claimed. */
  readonly claims: number;
  /** Epoch milliseconds of the first claim of this request, by any execution. */
  readonly startedAtMs: number;
  /** The steps that earlier executions of this request have finished. */
  readonly steps: readonly RecordedStep[];
  /** The fingerprint of the request's first claim, from which the keys for other services follow. */
  readonly originFingerprint: string;
  /** See `ClaimedRecord`. */
  readonly notLookedAtSinceMs?: number | undefined;
  /**
   * Epoch milliseconds until when replays of its durable execution may come, and must find the response;
   * absent = it belongs to none.
   */
  readonly replaysUntilMs?: number | undefined;
  /** Whether the record had the begun mark when this execution claimed it. */
  readonly isMarked: boolean;
  /** The freed record that was read before the handler ran; `undefined` = none was. */
  readonly freed?: FreedRecord | undefined;
}

/** A response without the handler, or in place of the handler's. */
export type ReplayOrRefusal =
  | { readonly kind: "replay"; readonly response: string }
  /** The entity as it is now; or the stored response if the entity cannot be loaded. */
  | { readonly kind: "entity"; readonly entityId: string; readonly response: string }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Before the handler: it runs with this execution, or the client gets a replay or a refusal. */
export type Entry = { readonly kind: "execute"; readonly execution: Execution } | ReplayOrRefusal;

/** After the handler: its own response stands, or another takes its place. */
export type Exit = { readonly kind: "stands" } | ReplayOrRefusal;

/**
 * Milliseconds of the invocation that are left to respond in, after a call of the store timed out.
 */
const RESPONSE_TIME_MS = 500;

/**
 * A call of the store ends before the invocation does, and none begins after its end. The store has a
 * bound of its own as well.
 */
export function callOptions(invocation: Pick<KeyedRequest, "remainingMs">): CallOptions {
  const remainingMs = invocation.remainingMs();
  if (remainingMs === undefined) return {};
  const hasTime = () => (invocation.remainingMs() ?? 1) > 0;
  if (remainingMs <= 0) return { hasTime };
  return { timeoutMs: Math.max(remainingMs - RESPONSE_TIME_MS, remainingMs / 2), hasTime };
}
