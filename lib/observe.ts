import { isPromise } from "node:util/types";
import type { RefusalCode } from "./errors.ts";

/** What works today and may cost money later. */
export type AdviceCode =
  /** The function's name is part of its keys: under another name every retry would execute. */
  | "service_is_function_name"
  /** One route serves many paths, so one key on two of them is a mismatch. */
  | "route_is_catch_all"
  /** A middleware has put a key into the request after it was looked for. */
  | "key_set_too_late";

/**
 * Something that the layer did, for metrics and logs. Holds the record's id, which is a digest: the
 * client's key is in none of them.
 */
export type Observation =
  | { readonly kind: "claimed"; readonly recordId: string; readonly fence: number }
  | { readonly kind: "replayed"; readonly recordId: string }
  | {
      readonly kind: "refused";
      readonly recordId?: string;
      readonly code: RefusalCode;
      readonly cause?: unknown;
    }
  /** `fence` is `undefined` with `claimAt: "commit"`, where nothing is claimed before. */
  | { readonly kind: "completed"; readonly recordId: string; readonly fence: number | undefined }
  | {
      readonly kind: "stepped";
      readonly recordId: string;
      readonly fence: number | undefined;
      readonly step: string;
    }
  | { readonly kind: "released"; readonly recordId: string; readonly fence: number }
  | { readonly kind: "freed"; readonly recordId: string; readonly fence: number }
  /** `message`: a response that would have been recorded was not, and what to do about it. */
  | {
      readonly kind: "left";
      readonly recordId: string;
      readonly fence: number;
      readonly message?: string;
    }
  /** The claim was no longer this execution's when it ended: another one had taken it over. */
  | { readonly kind: "fenced"; readonly recordId: string; readonly fence: number }
  /** A release or a freeing did not reach the store; the lease lapses by itself. */
  | {
      readonly kind: "unsettled";
      readonly recordId: string;
      readonly fence: number;
      readonly cause: unknown;
    }
  /** The answer that is sent is not the one that was committed, which repeats will get. */
  | { readonly kind: "answerDiffers"; readonly recordId: string; readonly message: string }
  /** The handler's result is no response; what the gateway makes of it is recorded. */
  | { readonly kind: "invalidResponse"; readonly recordId: string; readonly message: string }
  /** The event is too large to be kept: a completer cannot invoke the function again. */
  | { readonly kind: "eventNotKept"; readonly bytes: number }
  /** The configuration works, and its operator should know where it will not. */
  | { readonly kind: "advice"; readonly code: AdviceCode; readonly message: string }
  /** The answer could not be stored; repeats get its status and a note. */
  | { readonly kind: "bodyNotKept"; readonly recordId: string; readonly reason: string };

/**
 * Called for each observation, and never awaited. An observer that throws, rejects or never
 * settles changes nothing: watching must not change the outcome. That holds for the function and for
 * the promise that it returns; an observer that starts something else has to catch its errors.
 */
export type Observer = (observation: Observation) => unknown;

/**
 * Writes to `console.warn` what an operator must know of: failures of the store, lost claims,
 * responses and events that could not be kept. This is what happens without an observer; call it
 * from an observer of your own to keep the warnings.
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
    kind === "unsettled" ||
    kind === "bodyNotKept" ||
    kind === "eventNotKept" ||
    kind === "answerDiffers" ||
    kind === "advice" ||
    kind === "invalidResponse" ||
    (kind === "left" && observation.message !== undefined) ||
    (kind === "refused" && observation.cause !== undefined);
  return needsOperator ? console.warn("lambda-idempotency:", observation) : undefined;
});

/** Makes an observer that cannot fail. */
export function quietly(observe: Observer): Observer {
  return (observation) => {
    try {
      ignoreRejection(observe(observation));
    } catch {
      // An observer's failure is its own: the money has moved or has not moved, whatever it says.
    }
  };
}

/**
 * Keeps a rejection from ending the process, which it would between the effect and its record.
 * Other promises than the language's may be lazy, and they may answer `then` with a promise again.
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
