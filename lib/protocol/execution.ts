import type { Refusal } from "../errors.ts";
import type { Observer } from "../observe.ts";
import type { Clock } from "./clock.ts";
import type { RecordedStep } from "./record.ts";
import type { RecordCache } from "./record-cache.ts";
import type { CallOptions, Completer, Store } from "./store.ts";
import type { Claimant } from "./verdict.ts";

/** What the protocol works with. Nothing else in it is nondeterministic. */
export interface Tools {
  readonly store: Store;
  /** `undefined` = every repeat asks the store. */
  readonly cache?: RecordCache | undefined;
  readonly clock: Clock;
  readonly randomUUID: () => string;
  readonly observe: Observer;
  /** Added to the remaining time of the invocation: how long a dead owner is still waited for. */
  readonly leaseMarginMs: number;
}

/** One request that has come in under a key. */
export interface KeyedRequest {
  /** The id of its record. */
  readonly id: string;
  readonly fingerprint: string;
  /** The platform's id of this invocation; `undefined` = it has none. */
  readonly invocationId?: string | undefined;
  /** Milliseconds until the platform ends this invocation; `undefined` = not known. */
  readonly remainingMs: () => number | undefined;
  /** Who finishes it if nobody comes back; `undefined` = nobody. */
  readonly completer?: Completer | undefined;
}

/** The right to execute a request, and the duty to settle it. */
export interface Execution extends Claimant {
  readonly request: KeyedRequest;
  /** `undefined` = nothing was claimed: completing is the claim as well (`claimAt: "commit"`). */
  readonly fence: number | undefined;
  readonly claimedAtMs: number;
  /** Id of what the request creates; `undefined` where the profile has no entities. */
  readonly entityId: string | undefined;
  /** How often the request has been claimed, this time included; 0 = nothing was claimed. */
  readonly claims: number;
  /** When the request was first claimed, by whichever execution. */
  readonly startedAtMs: number;
  /** The steps that earlier executions of this request have finished. */
  readonly steps: readonly RecordedStep[];
}

/** What is answered without the handler, or in place of its answer. */
export type Answer =
  | { readonly kind: "replay"; readonly response: string }
  /** The entity as it is now; or, if it cannot be loaded, the stored answer. */
  | { readonly kind: "entity"; readonly entityId: string; readonly response: string }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Before the handler: it runs with this execution, or the request is answered without it. */
export type Entry = { readonly kind: "execute"; readonly execution: Execution } | Answer;

/** After the handler: its own answer stands, or another takes its place. */
export type Exit = { readonly kind: "stands" } | Answer;

/** What is left of an invocation to answer in, when a call of the store was given up. */
const ANSWER_TIME_MS = 500;

/** A call of the store ends before the invocation does; the store has a bound of its own as well. */
export function callOptions(invocation: Pick<KeyedRequest, "remainingMs">): CallOptions {
  const remainingMs = invocation.remainingMs();
  if (remainingMs === undefined || remainingMs <= 0) return {};
  return { timeoutMs: Math.max(remainingMs - ANSWER_TIME_MS, remainingMs / 2) };
}
