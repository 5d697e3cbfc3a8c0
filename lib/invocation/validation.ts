import { readBeforeRefusal } from "../protocol/before-refusal.ts";
import { enterUnclaimed } from "../protocol/enter.ts";
import type { KeyedRequest, ReplayOrRefusal } from "../protocol/execution.ts";
import { free } from "../protocol/free.ts";
import { type Ending, isFinalRefusal } from "../protocol/outcome.ts";
import { refuse } from "../protocol/replay-or-refuse.ts";
import type { Identity, RefusedByRules } from "./surface.ts";

/** The outcome of the option `validate` for a request. */
export type Validation<Output> =
  /** The request claims its record; with `onlyLapsed` nothing but a lapsed claim of the same request. */
  | { readonly kind: "proceed"; readonly onlyLapsed: boolean }
  /** The client gets this output, which no repeat gets from a record. */
  | { readonly kind: "invalid"; readonly output: Output }
  /** The record decides the output, whether the request is valid or not. */
  | { readonly kind: "ended"; readonly ended: ReplayOrRefusal };

/**
 * Runs the option `validate` before the claim. Only a refusal costs a read of the record.
 *
 * @throws ConfigurationError if the option returns no valid response, and the errors of the option.
 */
export async function validate<Output>(
  { key, claim, findRefusal }: Identity<Output>,
  keyed: KeyedRequest,
): Promise<Validation<Output>> {
  const isCompleters = claim.at === "start" && claim.takeover === "only";
  const proceed = { kind: "proceed", onlyLapsed: isCompleters } as const;
  if (findRefusal === undefined) return proceed;
  const refusal = await findRefusal();
  if (refusal === undefined) return proceed;
  const state = key === undefined ? "unused" : await readBeforeRefusal(keyed);
  // If the key has become unused since the read, this claim must not bind it.
  if (state === "interrupted") return { kind: "proceed", onlyLapsed: true };
  if (state !== "unused") return { kind: "ended", ended: state };
  if (key !== undefined && claim.at === "commit" && isFinalRefusal(asEnding(refusal))) {
    const ended = await recordRefusal(keyed);
    if (ended !== undefined) return { kind: "ended", ended };
  }
  if ("error" in refusal) throw refusal.error;
  return { kind: "invalid", output: refusal.output };
}

/** The refusal, as if the handler had ended with it. */
function asEnding(refusal: RefusedByRules<unknown>): Ending {
  return "error" in refusal
    ? { kind: "threw", error: refusal.error }
    : { kind: "returned", statusCode: refusal.statusCode };
}

/**
 * Nothing stands for the handlers of a route that claims at the commit, so an attempt from before the
 * rules were tightened may be on its way. The refusal is recorded before the client gets it.
 *
 * @returns the response in place of the refusal; `undefined` = the refusal stands.
 */
async function recordRefusal(keyed: KeyedRequest): Promise<ReplayOrRefusal | undefined> {
  const freed = await free(enterUnclaimed(keyed));
  if (freed.kind === "stands") return undefined;
  // The same request has begun since the read. The claim lapses by itself, and a repeat goes on with it.
  return freed.kind === "begun" ? refuse(keyed, { code: "request_in_flight" }) : freed;
}
