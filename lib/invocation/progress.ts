import type { Ending } from "../protocol/outcome.ts";

/** How far an execution has come: everything but its result that decides how it ends. */
export interface Progress {
  /** An earlier execution of the request held the claim, and its effects are unknown here. */
  readonly tookOver: boolean;
  /** The handler has asked for a key for a downstream, which may have acted on it. */
  readonly usedDownstreamKey: boolean;
  /** A step has run, in this execution or an earlier one. */
  readonly ranStep: boolean;
  /** The handler has called `commit`, successfully or not. */
  readonly triedCommit: boolean;
}

/** The progress of an execution whose handler has done nothing yet. */
export const NO_PROGRESS: Progress = {
  tookOver: false,
  usedDownstreamKey: false,
  ranStep: false,
  triedCommit: false,
};

/** The end of a handler call, as the invocation sees it. */
export type HandlerEnd =
  | {
      readonly kind: "returned";
      readonly statusCode: number;
      /** The handler has marked its response with `reject` or `final`. */
      readonly mark: "rejected" | "final" | undefined;
      /** The result is no response that the gateway takes. */
      readonly isFaulty: boolean;
    }
  | {
      readonly kind: "threw";
      readonly error: unknown;
      /** The handler has marked the error. */
      readonly mark?: "rejected" | "final" | undefined;
    };

/** Whether effects outside the commit of this execution are possible. */
export function mayHaveEffectsElsewhere(progress: Progress): boolean {
  return progress.tookOver || progress.usedDownstreamKey || progress.ranStep;
}

/**
 * The ending of an execution, from its progress and the end of its handler call.
 *
 * The client must get a rejection even where hooks have shaped the response since, so `reject` comes
 * before the status. A result that is no response says nothing about the effect. To release the claim
 * would repeat the effect, so a faulty result is final.
 */
export function endingOf(progress: Progress, end: HandlerEnd): Ending {
  const hasBegun = progress.triedCommit || mayHaveEffectsElsewhere(progress);
  // Steps refuse `reject` themselves, and a handler that rejects says that its own commit was in vain.
  if (end.mark === "rejected") {
    const statusCode = end.kind === "threw" ? undefined : end.statusCode;
    return { kind: "rejected", ...(statusCode && { statusCode }), hasBegun: progress.tookOver };
  }
  if (end.kind === "threw") return { kind: "threw", error: end.error, hasBegun };
  return {
    kind: "returned",
    statusCode: end.statusCode,
    hasBegun,
    isFinal: end.mark === "final" || end.isFaulty,
  };
}
