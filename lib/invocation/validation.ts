import { ConfigurationError } from "../errors.ts";
import { render } from "../http/render.ts";
import type { HttpRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { readCommitted } from "../http/result.ts";
import { readBeforeRefusal } from "../protocol/before-refusal.ts";
import { enterUnclaimed } from "../protocol/enter.ts";
import type { KeyedRequest, ReplayOrRefusal } from "../protocol/execution.ts";
import { free } from "../protocol/free.ts";
import { type Ending, isFinalRefusal } from "../protocol/outcome.ts";
import { refuse } from "../protocol/replay-or-refuse.ts";
import type { Settings } from "../settings/settings.ts";
import type { Identity } from "./identity.ts";

/** The outcome of the option `validate` for a request. */
export type Validation =
  /** The request claims its record; with `onlyLapsed` nothing but a lapsed claim of the same request. */
  | { readonly kind: "proceed"; readonly onlyLapsed: boolean }
  /** The client gets this response, which no repeat gets from a record. */
  | { readonly kind: "invalid"; readonly response: HttpResponse }
  /** The record decides the response, whether the request is valid or not. */
  | { readonly kind: "ended"; readonly ended: ReplayOrRefusal };

/**
 * Runs the option `validate` before the claim. Only a refusal costs a read of the record.
 *
 * @throws ConfigurationError if the option returns no valid response, and the errors of the option.
 */
export async function validate(
  settings: Settings,
  event: unknown,
  identity: Identity,
  keyed: KeyedRequest,
): Promise<Validation> {
  const { request, key, claim } = identity;
  const isCompleters = claim.at === "start" && claim.takeover === "only";
  const proceed = { kind: "proceed", onlyLapsed: isCompleters } as const;
  if (settings.validate === undefined || !isValidated(identity)) return proceed;
  const refusal = await findRefusal(settings.validate, event, request);
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
  return { kind: "invalid", response: refusal.response };
}

/** The refusal, as if the handler had ended with it. */
function asEnding(refusal: RefusedByRules): Ending {
  return "error" in refusal
    ? { kind: "threw", error: refusal.error }
    : { kind: "returned", statusCode: refusal.response.statusCode };
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

/** Work that a completer finishes has begun, under the rules of its time. */
function isValidated({ profile, request, claim }: Identity): boolean {
  const isCompleters = claim.at === "start" && claim.takeover === "only";
  return profile.methods.includes(request.method) && !isCompleters;
}

/** A refusal by the option: the response that it returned, or the error that it threw. */
type RefusedByRules = { readonly response: HttpResponse } | { readonly error: unknown };

/** @returns `undefined` = the request is valid. */
async function findRefusal(
  validateEvent: NonNullable<Settings["validate"]>,
  event: unknown,
  request: HttpRequest,
): Promise<RefusedByRules | undefined> {
  let result: unknown;
  try {
    result = await validateEvent(event);
  } catch (error) {
    return { error };
  }
  if (result === undefined) return undefined;
  // An HTTP API makes a 200 of a value without a status, which would tell the client of a success.
  const read = readCommitted(result);
  if ("fault" in read) {
    const { problem, remedy } = read.fault;
    throw new ConfigurationError(
      `idempotency: the result of validate is neither undefined, for a valid request, nor a response: ${problem}. ${remedy}`,
    );
  }
  return { response: render(read.response, request) };
}
