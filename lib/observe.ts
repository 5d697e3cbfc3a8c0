import { isPromise } from "node:util/types";
import type { RefusalCode } from "./errors.ts";

/** The subject of an `advice` observation: the configuration works now, and may cost money later. */
export type AdviceCode =
  /** The name of the function is part of its keys: under another name every retry would execute again. */
  | "service_is_function_name"
  /** The route serves many paths: one key on two of the paths is a mismatch. */
  | "route_is_catch_all"
  /** Events are kept for a completer, and none has looked at a claim that was due for long. */
  | "no_completer"
  /** A middleware has changed the key of a request after the layer had read the key. */
  | "key_set_too_late"
  /** The key of a message is the id of its delivery, which a redrive changes. */
  | "key_is_message_id";

/**
 * One event of the layer, for metrics and logs. `recordId` is a digest: no observation holds the
 * client's key.
 */
export type Observation =
  /** This execution has claimed the key. */
  | { readonly kind: "claimed"; readonly recordId: string; readonly fence: number }
  /** A repeat gets the recorded response or, under a profile with entities, the entity. */
  | { readonly kind: "replayed"; readonly recordId: string }
  /** The client gets a refusal. `cause`: the error behind it, if there is one. */
  | {
      readonly kind: "refused";
      readonly recordId?: string;
      readonly code: RefusalCode;
      readonly cause?: unknown;
    }
  /** The response is recorded. `fence` is `undefined` with `claimAt: "commit"`, which makes no claim. */
  | { readonly kind: "completed"; readonly recordId: string; readonly fence: number | undefined }
  /** A step is recorded. */
  | {
      readonly kind: "stepped";
      readonly recordId: string;
      readonly fence: number | undefined;
      readonly step: string;
    }
  /** The lease has ended early: the same request may be tried again. */
  | { readonly kind: "released"; readonly recordId: string; readonly fence: number }
  /** The key is unused again: any request may use it. */
  | { readonly kind: "freed"; readonly recordId: string; readonly fence: number | undefined }
  /**
   * The claim stays until its lease lapses, because the handler may still be running. `message`: why
   * a response was not recorded, and the remedy.
   */
  | {
      readonly kind: "left";
      readonly recordId: string;
      readonly fence: number;
      readonly message?: string;
    }
  /** A repeat is refused, because this route would forget the begun work in the record. */
  | { readonly kind: "notResumable"; readonly recordId: string; readonly message: string }
  /** Another execution has taken the claim over, so this execution's write was refused. */
  | { readonly kind: "fenced"; readonly recordId: string; readonly fence: number }
  /** A release or a freeing failed in the store; the claim ends with its lease. */
  | {
      readonly kind: "unsettled";
      readonly recordId: string;
      readonly fence: number;
      readonly cause: unknown;
    }
  /** The client gets a response that differs from the committed one, which repeats get. */
  | { readonly kind: "responseDiffers"; readonly recordId: string; readonly message: string }
  /** The handler's result is not a response; the record has the response that API Gateway makes of it. */
  | { readonly kind: "invalidResponse"; readonly recordId: string; readonly message: string }
  /** The event is too large to be stored: a completer cannot invoke the function again. */
  | {
      readonly kind: "eventNotKept";
      readonly recordId: string;
      readonly bytes: number;
      readonly mostBytes: number;
      readonly message: string;
    }
  /**
   * A record of a batch failed, and its source sends it again. `cause`: the handler's error, or a refusal
   * (`IdempotencyRefused`).
   */
  | { readonly kind: "recordFailed"; readonly item: string; readonly cause: unknown }
  /** Another record had used the key of this one, which the option `mismatch` drops. */
  | { readonly kind: "recordDropped"; readonly item: string; readonly cause: unknown }
  /** Records of a batch were returned without a failure of their own: behind one, or for lack of time. */
  | {
      readonly kind: "recordsReturned";
      readonly behindFailure: number;
      readonly withoutTime: number;
    }
  /** The visibility of a message could not be moved; it comes again after its queue's time-out. */
  | { readonly kind: "visibilityNotMoved"; readonly item: string; readonly cause: unknown }
  /** The configuration works now; the message says when it will not, and the remedy. */
  | { readonly kind: "advice"; readonly code: AdviceCode; readonly message: string }
  /** The response is too large to be stored: repeats get its status and a note in place of the body. */
  | { readonly kind: "bodyNotKept"; readonly recordId: string; readonly reason: string };

/**
 * Called for each observation, and never awaited. An observer that throws, rejects or never settles
 * does not change the outcome. That holds for the function and for the promise that it returns; an
 * observer that starts other asynchronous work has to catch its errors.
 */
export type Observer = (observation: Observation) => unknown;

/**
 * Writes the observations that need an operator to `console.warn`: failures of the store, lost
 * claims, responses and events that could not be stored, invalid responses and advice. The default
 * observer; call it in an observer of your own to keep the warnings.
 *
 * @example
 * observe: async (observation) => {
 *   warnOperator(observation);
 *   await metrics.count(observation.kind);
 * },
 */
export const warnOperator: Observer = quietly((observation) => {
  const { kind } = observation;
  const needsOperator =
    kind === "fenced" ||
    kind === "notResumable" ||
    kind === "unsettled" ||
    kind === "bodyNotKept" ||
    kind === "eventNotKept" ||
    kind === "responseDiffers" ||
    kind === "advice" ||
    kind === "invalidResponse" ||
    kind === "recordDropped" ||
    kind === "visibilityNotMoved" ||
    (kind === "recordFailed" && !passesByItself(observation.cause)) ||
    (kind === "left" && observation.message !== undefined) ||
    (kind === "refused" && observation.cause !== undefined);
  return needsOperator ? console.warn("lambda-idempotency:", observation) : undefined;
});

/** Whether a record failed because another invocation has it in work, or the store was busy. */
function passesByItself(cause: unknown): boolean {
  const { name, retryable } = (cause ?? {}) as { name?: unknown; retryable?: unknown };
  return name === "IdempotencyRefused" && retryable === true;
}

/** Wraps an observer so that its failures have no effect. */
export function quietly(observe: Observer): Observer {
  return (observation) => {
    try {
      ignoreRejection(observe(observation));
    } catch {
      // The failure of an observer does not change whether the money has moved.
    }
  };
}

/**
 * Keeps an unhandled rejection from ending the process between the effect and its record. Promises
 * of libraries may be lazy, and their `then` may return another promise.
 */
function ignoreRejection(outcome: unknown): void {
  const settled = isPromise(outcome) ? outcome : askToSettle(outcome);
  if (isPromise(settled)) Promise.prototype.then.call(settled, undefined, ignore);
}

function askToSettle(outcome: unknown): unknown {
  const thenable = outcome as PromiseLike<unknown> | null | undefined;
  return typeof thenable?.then === "function" ? thenable.then(ignore, ignore) : undefined;
}

function ignore(): void {}
