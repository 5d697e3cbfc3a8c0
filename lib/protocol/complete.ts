import { answer, refuse } from "./answer.ts";
import { allowedTakeover, type Contract } from "./contract.ts";
import type { Answer, Execution, Exit, Tools } from "./execution.ts";
import { patiently } from "./patience.ts";
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
  promises: Contract,
  execution: Execution,
  response: string,
): Promise<Exit> {
  const completion = completionOf(tools, promises, execution, response);
  try {
    const written = await patiently(tools, execution.request, (options) =>
      tools.store.complete(completion, options),
    );
    return written.applied
      ? recorded(tools, execution, completion)
      : completionRefused(tools, promises, execution, completion, written.record);
  } catch (cause) {
    return refuse(tools, execution.request, { code: "outcome_not_recorded", cause });
  }
}

/** The write that completes a record: under the claim that was made, or as the claim as well. */
export function completionOf(
  tools: Tools,
  promises: Contract,
  { request, owner, fingerprint, fence, claimedAtMs, entityId }: Execution,
  response: string,
): CompleteRequest {
  const nowMs = Math.floor(tools.clock.now());
  return {
    id: request.id,
    owner,
    response,
    expiresAtSeconds: expiresAtSeconds(promises.retention, claimedAtMs, nowMs),
    ...(fence === undefined && {
      claim: { fingerprint, nowMs, entityId, takeover: allowedTakeover(promises) },
    }),
  };
}

/** The answer stands in the record, and so it may be given. */
export function recorded(tools: Tools, execution: Execution, completion: CompleteRequest): Exit {
  const { request, fingerprint, fence, entityId } = execution;
  tools.observe({ kind: "completed", recordId: request.id, fence });
  // Without a claim only the store knows the record's fence, and whose id of an entity it has.
  if (fence !== undefined) {
    const { id, owner, response, expiresAtSeconds } = completion;
    const record = { id, owner, fence, fingerprint, response, entityId, expiresAtSeconds };
    tools.cache?.keep({ ...record, state: "COMPLETED" });
  }
  return { kind: "stands" };
}

/** Judges the record that refused this completion. */
export function completionRefused(
  tools: Tools,
  promises: Contract,
  execution: Execution,
  completion: CompleteRequest,
  record: IdempotencyRecord | undefined,
): Exit {
  return judgeCompletion(record, execution, completion.response) === "recorded"
    ? recorded(tools, execution, completion)
    : overtaken(tools, promises, execution, record);
}

/** What the client gets where the record is no longer under the claim of this execution. */
export function overtaken(
  tools: Tools,
  promises: Contract,
  execution: Execution,
  record: IdempotencyRecord | undefined,
): Answer {
  const { request, fence } = execution;
  // Nothing had been claimed, so there is nothing to lose: it is a claim that came too late.
  if (fence === undefined) {
    return answer(tools, promises, request, judgeClaim(record, execution, tools.clock.now()));
  }
  tools.observe({ kind: "fenced", recordId: request.id, fence });
  const verdict = judgeCompletion(record, execution);
  return typeof verdict === "string"
    ? refuse(tools, request, { code: "claim_lost" })
    : answer(tools, promises, request, { kind: "completed", record: verdict });
}
