/** How an execution ended, as far as the record is concerned. */
export type Ending =
  /**
   * `hasBegun`: this execution had asked for a step or a downstream key or tried to commit, or an
   * earlier one of the same request may have. `isFinal`: the handler says that no other attempt can
   * go differently.
   */
  | {
      readonly kind: "returned";
      readonly statusCode: number;
      readonly hasBegun?: boolean;
      readonly isFinal?: boolean;
    }
  /**
   * The handler says that it refused the request before it began. `hasBegun`: an earlier execution of
   * the same request may have begun all the same.
   */
  | { readonly kind: "rejected"; readonly hasBegun?: boolean }
  | { readonly kind: "threw"; readonly error: unknown; readonly hasBegun?: boolean };

/** What becomes of the claim. */
export type Settlement =
  /** The answer is stored, and every repeat gets it. */
  | "complete"
  /** The same request may be tried again. */
  | "release"
  /** The key is unused again: any request may take it. */
  | "free"
  /** Nothing is written, because the work may still be going on. The lease lapses by itself. */
  | "leave";

/**
 * Decides what becomes of a claim, at once and for every ending. A profile may bring its own, which is tried
 * with some endings when the function starts. Where it says that an error is final,
 * a repeat gets what an HTTP API makes of an error: a bare 500.
 */
export type OutcomePolicy = (ending: Ending) => Settlement;

/** What a policy may decide; any other value is none, for example the promise of one. */
const SETTLEMENTS: readonly unknown[] = ["complete", "release", "free", "leave"];

/** What a policy decides; `undefined` where it decides nothing, or fails. */
export function decision(policy: OutcomePolicy, ending: Ending): Settlement | undefined {
  try {
    const decided = policy(ending);
    return SETTLEMENTS.includes(decided) ? decided : undefined;
  } catch {
    // A policy that fails decides nothing.
  }
  return undefined;
}

/** Without a decision a response is kept, and nothing is done again; anything else is left to its lease. */
function undecided({ kind }: Ending): Settlement {
  return kind === "returned" ? "complete" : "leave";
}

/** "Return is an answer, throw is not." */
export const defaultOutcome: OutcomePolicy = (ending) => {
  switch (ending.kind) {
    case "returned":
      return isTransient(ending.statusCode) ? "release" : "complete";
    case "rejected":
      return "free";
    case "threw":
      return isRefusal(ending.error) ? "free" : "release";
  }
};

/**
 * Applies a policy, except where nobody can know that the work has ended. That is so when Middy
 * gave up waiting for the handler (which runs on), and when the end of the invocation is nearer
 * than the lease's margin: what looks like an answer may be Middy's `timeoutEarlyResponse`. To
 * release then would let a retry run beside the handler; to leave costs at most the margin.
 *
 * A 401 or 407 is never stored, under no policy: it is about the credentials of one attempt,
 * and the same request with fresh ones must get a fresh answer. The handler's `final` stands.
 *
 * @param refusesInterrupted whether a retry may not take over a claim that has ended unanswered.
 */
export function settle(
  policy: OutcomePolicy,
  ending: Ending,
  remainingMs: number | undefined,
  marginMs: number,
  refusesInterrupted = false,
): Settlement {
  if (ending.kind === "threw" && isMiddyTimeout(ending.error)) return "leave";
  // The handler's own word, where it gives it, comes before the policy.
  const isFinal = ending.kind === "returned" && ending.isFinal === true;
  const decided = isFinal ? "complete" : (decision(policy, ending) ?? undecided(ending));
  const isCredentials = decided === "complete" && !isFinal && isAboutCredentials(ending);
  // A released claim that no retry may take over would be refused for ever.
  const settlement = isCredentials ? (refusesInterrupted ? "free" : "release") : decided;
  if (settlement !== "complete" && isNearTheEnd(remainingMs, marginMs)) return "leave";
  // An error of the bank's client may carry a 4xx as well. What may have been done must find the
  // same downstream keys again, so it is released and not freed.
  return settlement === "free" && ending.hasBegun === true ? "release" : settlement;
}

function isAboutCredentials(ending: Ending): boolean {
  if (ending.kind === "returned") return isUnauthenticated(ending.statusCode);
  return ending.kind === "threw" && isUnauthenticated(statusOf(ending.error));
}

/** 401 and 407 ask for other credentials (RFC 9110, sections 15.5.2 and 15.5.8). */
export function isUnauthenticated(statusCode: unknown): boolean {
  return statusCode === 401 || statusCode === 407;
}

/** Whether the invocation is about to end, and what ends it may be Middy, while the work goes on. */
export function isNearTheEnd(remainingMs: number | undefined, marginMs: number): boolean {
  return (remainingMs ?? Number.POSITIVE_INFINITY) <= marginMs;
}

/** 408, 425, 429 and 5xx promise that another attempt may go differently. */
function isTransient(statusCode: number): boolean {
  return statusCode >= 500 || statusCode === 408 || statusCode === 425 || statusCode === 429;
}

/**
 * An error with a `statusCode` of 4xx (what `@middy/util`, `http-errors` and many others throw) that
 * does not promise that another attempt may go differently, by its status or by `retryable: true`.
 */
export function isRefusal(error: unknown): boolean {
  const statusCode = clientErrorOf(error);
  const isRetryable = (error as { retryable?: unknown } | null | undefined)?.retryable === true;
  return statusCode !== undefined && !isTransient(statusCode) && !isRetryable;
}

/** The status of an HTTP error of 4xx, or `undefined` for any other error. */
export function clientErrorOf(error: unknown): number | undefined {
  const statusCode = statusOf(error);
  const isClientError = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isClientError ? statusCode : undefined;
}

/** Error handlers send a number in a text on, and API Gateway takes it, as in a response. */
function statusOf(error: unknown): unknown {
  const statusCode = (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  const isText = typeof statusCode === "string" && /^[0-9]{3}$/.test(statusCode);
  return isText ? Number(statusCode) : statusCode;
}

/** Middy 7 rejects with this when `timeoutEarlyInMillis` is reached, while the handler goes on. */
export function isMiddyTimeout(error: unknown): boolean {
  const thrown = error as { name?: unknown; cause?: { package?: unknown } } | null | undefined;
  return thrown?.name === "TimeoutError" && thrown.cause?.package === "@middy/core";
}
