import type { RefusalCode } from "./errors.ts";

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
  /** `fence` is `undefined` in mode `once`, where nothing is claimed before. */
  | { readonly kind: "completed"; readonly recordId: string; readonly fence: number | undefined }
  | {
      readonly kind: "stepped";
      readonly recordId: string;
      readonly fence: number | undefined;
      readonly step: string;
    }
  | { readonly kind: "released"; readonly recordId: string; readonly fence: number }
  | { readonly kind: "freed"; readonly recordId: string; readonly fence: number }
  | { readonly kind: "left"; readonly recordId: string; readonly fence: number }
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
  /** The event is too large to be kept: a completer cannot invoke the function again. */
  | { readonly kind: "eventNotKept"; readonly bytes: number }
  /** The answer could not be stored; repeats get its status and a note. */
  | { readonly kind: "bodyNotKept"; readonly recordId: string; readonly reason: string };

/** Called for each observation. What it throws is ignored: watching must not change the outcome. */
export type Observer = (observation: Observation) => void;

/** Makes an observer that cannot fail. */
export function quietly(observe: Observer): Observer {
  return (observation) => {
    try {
      observe(observation);
    } catch {
      // An observer's failure is its own: the money has moved or has not moved, whatever it says.
    }
  };
}
