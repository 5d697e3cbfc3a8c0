import { refusalFrom } from "../errors.ts";
import { judgeAfterHandler } from "./after-handler.ts";
import type { Execution, Exit } from "./execution.ts";
import { patiently } from "./patience.ts";
import { replayOrRefuse } from "./replay-or-refuse.ts";

/**
 * After a handler that ended without a final response: the same request may be tried again, at once
 * (`release`) or when the lease lapses (`leave`). The release is conditional on the claim.
 *
 * @param message tells the operator why a response was not recorded although it looked like one to
 *   record.
 */
export async function settleWithoutResponse(
  execution: Execution,
  settlement: "release" | "leave",
  message?: string,
): Promise<Exit> {
  const { request, fence } = execution;
  const { id, tools } = request;
  if (fence === undefined) return settleAsRepeat(execution);
  if (settlement === "leave") {
    tools.observe({ kind: "left", recordId: id, fence, ...(message && { message }) });
    return { kind: "stands" };
  }
  try {
    const isReleased = await release({ ...execution, fence });
    tools.observe({ kind: isReleased ? "released" : "fenced", recordId: id, fence });
  } catch (cause) {
    tools.observe({ kind: "unsettled", recordId: id, fence, cause });
  }
  return { kind: "stands" };
}

/** An execution that has claimed its record. */
export type ClaimedExecution = Execution & { readonly fence: number };

/**
 * Ends the lease of a claim.
 *
 * @returns whether the claim was still this execution's.
 */
export async function release({ request, owner, fence }: ClaimedExecution): Promise<boolean> {
  const { id, tools } = request;
  const claim = { id, owner, fence };
  const released = await patiently(request, (options) => tools.store.release(claim, options));
  return released.applied;
}

/**
 * Nothing was claimed, so the request may be a repeat. A response that is not stored must not hide
 * one that is: a handler that refuses "paid already" would deny the payment it has made.
 */
export async function settleAsRepeat(execution: Execution): Promise<Exit> {
  const { request } = execution;
  const { id, tools } = request;
  try {
    const record = await patiently(request, (options) => tools.store.read(id, options));
    const verdict = judgeAfterHandler(record, execution);
    const isRepeat = ["completed", "mismatch", "incomparable"].includes(verdict.kind);
    return isRepeat ? replayOrRefuse(request, verdict) : { kind: "stands" };
  } catch (error) {
    const refusal = refusalFrom(error);
    tools.observe({ kind: "refused", recordId: id, ...refusal });
    return { kind: "refuse", refusal };
  }
}
