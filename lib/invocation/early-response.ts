import type { KeyedRequest } from "../protocol/execution.ts";
import { isNearTheEnd, isRefusal } from "../protocol/outcome.ts";

/**
 * Whether a response in the middleware form may be Middy's `timeoutEarlyResponse`, which only its time
 * gives away. A refusal is the handler's own: a time-out has no such status.
 */
export function mayBeEarlyResponse(result: unknown, { remainingMs, tools }: KeyedRequest): boolean {
  return !isRefusal(result) && isNearTheEnd(remainingMs(), tools.leaseMarginMs);
}

/** The end of a claim without a response: near the end of the invocation its handler may still run. */
export function releaseOrLeave({ remainingMs, tools }: KeyedRequest): "release" | "leave" {
  return isNearTheEnd(remainingMs(), tools.leaseMarginMs) ? "leave" : "release";
}

/** Tells the operator of a response that looked like one to record. */
export const LATE_RESPONSE =
  "A response was sent and not recorded: it came so near the end of the invocation (leaseMarginMs) that it may be Middy's timeoutEarlyResponse, while the handler is still running. Commit or final() tell the layer that a response is the handler's; the wrapper, middy(idempotent(handler, options)), always knows.";
