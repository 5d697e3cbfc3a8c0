/** How an execution ended, as far as the record is concerned. */
export type Ending =
  /**
   * `hasBegun`: this execution had asked for a step or a downstream key or tried to commit, or an
   * earlier one of the same request may have. `isFinal`: the handler says that no other attempt can
   * end differently.
   */
  | {
      readonly kind: "returned";
      readonly statusCode: number;
      readonly hasBegun?: boolean;
      readonly isFinal?: boolean;
    }
  /**
   * The handler says that it refused the request before it began. `hasBegun`: an earlier execution
   * of the same request may have begun all the same.
   */
  | { readonly kind: "rejected"; readonly statusCode?: number; readonly hasBegun?: boolean }
  | { readonly kind: "threw"; readonly error: unknown; readonly hasBegun?: boolean };

/** The settlement of a claim: the state of its record from then on. */
export type Settlement =
  /** The response is stored, and every repeat gets it. */
  | "complete"
  /** The same request may be tried again. */
  | "release"
  /** The key is unused again: any request may take it. */
  | "free"
  /** Nothing is written, because the work may still be going on. The lease lapses by itself. */
  | "leave";

/**
 * Decides the settlement of a claim, synchronously and for every ending. A profile may bring its
 * own, which is tried with sample endings when the function starts. If it declares an error final,
 * a repeat gets the response that an HTTP API makes of an error: a bare 500.
 */
export type OutcomePolicy = (ending: Ending) => Settlement;

/** The decisions of a policy. Any other value is no decision, for example a promise of one. */
const SETTLEMENTS: readonly unknown[] = ["complete", "release", "free", "leave"];

/** The decision of a policy; `undefined` if it decides nothing, or fails. */
export function decision(policy: OutcomePolicy, ending: Ending): Settlement | undefined {
  try {
    const decided = policy(ending);
    return SETTLEMENTS.includes(decided) ? decided : undefined;
  } catch {
    // A policy that fails decides nothing.
  }
  return undefined;
}

/**
 * Without a decision a response is kept and the work is not repeated; any other ending waits for
 * its lease.
 */
function fallbackSettlement({ kind }: Ending): Settlement {
  return kind === "returned" ? "complete" : "leave";
}

/** Stores a returned response, except 408, 425, 429 and 5xx. An error is not stored. */
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
 * Applies a policy, unless the work may still be going on. That is so after Middy's time-out,
 * because the handler runs on; and when the invocation ends sooner than the lease's margin, because
 * the response may be Middy's `timeoutEarlyResponse`. A release would then let a retry run beside
 * the handler. Leaving the claim costs at most the margin. A refusal is no time-out, and is settled at
 * any time: its client does not come back, so no other attempt may do what was refused.
 *
 * No policy stores a 401 or 407: it is about the credentials of one attempt, and the same request
 * with fresh ones must get a fresh response. The handler's `final` stands.
 *
 * @param refusesInterrupted whether a retry may not take over a claim that ended without a
 *   response.
 */
export function settle(
  policy: OutcomePolicy,
  ending: Ending,
  remainingMs: number | undefined,
  marginMs: number,
  refusesInterrupted = false,
): Settlement {
  if (ending.kind === "threw" && isMiddyTimeout(ending.error)) return "leave";
  // The handler's `final` takes precedence over the policy.
  const isFinal = ending.kind === "returned" && ending.isFinal === true;
  const decided = isFinal ? "complete" : (decision(policy, ending) ?? fallbackSettlement(ending));
  const isCredentials = decided === "complete" && !isFinal && isAboutCredentials(ending);
  // A released claim that no retry may take over would be refused for ever.
  const wanted = isCredentials ? (refusesInterrupted ? "free" : "release") : decided;
  const settlement = wanted === "free" && ending.hasBegun === true ? settleBegun(ending) : wanted;
  const mayBeTimeout = settlement !== "complete" && !isRefused(ending);
  return mayBeTimeout && isNearTheEnd(remainingMs, marginMs) ? "leave" : settlement;
}

/**
 * Where nothing was claimed, nothing can be released. A refusal is recorded as freed, or an earlier attempt
 * of the same request would commit after it; but for one that asks for other credentials. Where a refusal is
 * not final, because its sender comes again, nothing stands that has to be freed.
 */
export function settleUnclaimed(
  settlement: Settlement,
  ending: Ending,
  { fence }: { readonly fence: number | undefined },
  areRefusalsFinal = true,
): Settlement {
  if (fence !== undefined) return settlement;
  if (!areRefusalsFinal) return settlement === "free" ? "release" : settlement;
  return settlement === "release" && isFinalRefusal(ending) ? "free" : settlement;
}

/** Whether a client that was refused is not expected to come again, as one with other credentials is. */
export function isFinalRefusal(ending: Ending): boolean {
  return isRefused(ending) && !isAboutCredentials(ending);
}

/** Whether the handler has refused the request: its client takes that for the end. */
export function isRefused(ending: Ending): boolean {
  switch (ending.kind) {
    case "rejected":
      return true;
    case "returned":
      return isRefusal(ending);
    case "threw":
      return isRefusal(ending.error) && !isMiddyTimeout(ending.error);
  }
}

/**
 * Work that may have been done is never freed. A refusal is its final response: if the client heard of
 * it and nothing were recorded, a later attempt or a completer would do the work after all. A refusal
 * that another attempt may escape, by other credentials for example, releases the claim.
 */
function settleBegun(ending: Ending): Settlement {
  switch (ending.kind) {
    case "rejected":
    case "returned":
      return mayEndDifferently(ending.statusCode ?? 422) ? "release" : "complete";
    case "threw": {
      const statusCode = clientErrorStatus(ending.error);
      const isFinal = isRefusal(ending.error) && !mayEndDifferently(statusCode ?? 500);
      return isFinal ? "complete" : "release";
    }
  }
}

/** Whether another attempt may end differently: with other credentials, or later. */
function mayEndDifferently(statusCode: number): boolean {
  return isTransient(statusCode) || isUnauthenticated(statusCode) || statusCode === 403;
}

function isAboutCredentials(ending: Ending): boolean {
  if (ending.kind === "returned") return isUnauthenticated(ending.statusCode);
  return ending.kind === "threw" && isUnauthenticated(readStatusCode(ending.error));
}

/** 401 and 407 ask for other credentials (RFC 9110, sections 15.5.2 and 15.5.8). */
export function isUnauthenticated(statusCode: unknown): boolean {
  return statusCode === 401 || statusCode === 407;
}

/** Whether the invocation is about to end: Middy may end it while the work goes on. */
export function isNearTheEnd(remainingMs: number | undefined, marginMs: number): boolean {
  return (remainingMs ?? Number.POSITIVE_INFINITY) <= marginMs;
}

/** 408, 425, 429 and 5xx say that another attempt may end differently. */
function isTransient(statusCode: number): boolean {
  return statusCode >= 500 || statusCode === 408 || statusCode === 425 || statusCode === 429;
}

/**
 * An error with a `statusCode` of 4xx, as `@middy/util`, `http-errors` and many others throw.
 * Neither its status nor `retryable: true` says that another attempt may end differently.
 */
export function isRefusal(error: unknown): boolean {
  const statusCode = clientErrorStatus(error);
  const isRetryable = (error as { retryable?: unknown } | null | undefined)?.retryable === true;
  return statusCode !== undefined && !isTransient(statusCode) && !isRetryable;
}

/** The status of an HTTP error of 4xx, or `undefined` for any other error. */
export function clientErrorStatus(error: unknown): number | undefined {
  const statusCode = readStatusCode(error);
  const isClientError = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isClientError ? statusCode : undefined;
}

/**
 * A three-digit text counts as a number: error handlers pass it on, and API Gateway accepts it in a
 * response.
 */
function readStatusCode(error: unknown): unknown {
  const statusCode = (error as { statusCode?: unknown } | null | undefined)?.statusCode;
  const isText = typeof statusCode === "string" && /^[0-9]{3}$/.test(statusCode);
  return isText ? Number(statusCode) : statusCode;
}

/** Middy 7 rejects with this error at `timeoutEarlyInMillis`, while the handler goes on. */
export function isMiddyTimeout(error: unknown): boolean {
  const thrown = error as { name?: unknown; cause?: { package?: unknown } } | null | undefined;
  return thrown?.name === "TimeoutError" && thrown.cause?.package === "@middy/core";
}
