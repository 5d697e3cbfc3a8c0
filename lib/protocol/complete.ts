import { answer, refuse } from "./answer.ts";
import { callOptions, type Execution, type Exit, type Tools } from "./execution.ts";
import { type Promises, takeoverOf } from "./promises.ts";
import type { IdempotencyRecord } from "./record.ts";
import { expiresAtSeconds } from "./retention.ts";
import type { CompleteRequest } from "./store.ts";
import { judgeClaim, judgeCompletion } from "./verdict.ts";

/**
 * Records the answer, in one write, and says whether it stands. An answer that was to be stored and
 * is not, is not given: no client hears of a success that the next retry would not find.
 */
export async function complete(
  tools: Tools,
  promises: Promises,
  execution: Execution,
  response: string,
): Promise<Exit> {
  const request = completionOf(tools, promises, execution, response);
  try {
    const written = await tools.store.complete(request, callOptions(execution.request));
    return written.applied
      ? recorded(tools, execution)
      : completionRefused(tools, promises, execution, written.record, response);
  } catch (cause) {
    return refuse(tools, execution.request, { code: "outcome_not_recorded", cause });
  }
}

/** The write that completes a record: under the claim that was made, or as the claim as well. */
export function completionOf(
  tools: Tools,
  promises: Promises,
  { request, owner, fingerprint, fence, claimedAtMs, entityId }: Execution,
  response: string,
): CompleteRequest {
  const nowMs = tools.clock.now();
  return {
    id: request.id,
    owner,
    response,
    expiresAtSeconds: expiresAtSeconds(promises.retention, claimedAtMs, nowMs),
    ...(fence === undefined && {
      claim: { fingerprint, nowMs, entityId, takeover: takeoverOf(promises) },
    }),
  };
}

/** The answer stands in the record, and so it may be given. */
export function recorded(tools: Tools, { request, fence }: Execution): Exit {
  tools.observe({ kind: "completed", recordId: request.id, fence });
  return { kind: "stands" };
}

/** Judges the record that refused a completion with this response. */
export function completionRefused(
  tools: Tools,
  promises: Promises,
  execution: Execution,
  record: IdempotencyRecord | undefined,
  response: string,
): Exit {
  const { request, fence } = execution;
  const verdict = judgeCompletion(record, execution, response);
  if (verdict === "recorded") return recorded(tools, execution);
  // Nothing had been claimed, so there is nothing to lose: it is a claim that came too late.
  if (fence === undefined) {
    return answer(tools, promises, request, judgeClaim(record, execution, tools.clock.now()));
  }
  tools.observe({ kind: "fenced", recordId: request.id, fence });
  return verdict === "fenced"
    ? refuse(tools, request, { code: "claim_lost" })
    : answer(tools, promises, request, { kind: "completed", record: verdict });
}
