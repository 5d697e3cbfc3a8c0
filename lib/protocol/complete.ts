import { allowedTakeover, type Contract } from "./contract.ts";
import type { Execution, Exit, ReplayOrRefusal, Tools } from "./execution.ts";
import { patiently } from "./patience.ts";
import type { IdempotencyRecord } from "./record.ts";
import { refuse, replayOrRefuse } from "./replay-or-refuse.ts";
import { expiresAtSeconds } from "./retention.ts";
import type { CompleteRequest } from "./store.ts";
import { judgeClaim, judgeCompletion } from "./verdict.ts";

/**
 * Records the response in one write, and says whether it stands. A response that was to be stored
 * but is not is withheld: no client hears of a success that the next retry would not find.
 */
export async function complete(
  tools: Tools,
  contract: Contract,
  execution: Execution,
  response: string,
): Promise<Exit> {
  const completion = createCompletion(tools, contract, execution, response);
  try {
    const written = await patiently(tools, execution.request, (options) =>
      tools.store.complete(completion, options),
    );
    return written.applied
      ? acceptCompletion(tools, execution, completion)
      : settleRefusedCompletion(tools, contract, execution, completion, written.record);
  } catch (cause) {
    return refuse(tools, execution.request, { code: "outcome_not_recorded", cause });
  }
}

/**
 * The write that completes a record. If nothing was claimed before, the write is the claim as well.
 */
export function createCompletion(
  tools: Tools,
  contract: Contract,
  { request, owner, fingerprint, fence, claimedAtMs, entityId }: Execution,
  response: string,
): CompleteRequest {
  const nowMs = Math.floor(tools.clock.now());
  return {
    id: request.id,
    owner,
    response,
    expiresAtSeconds: expiresAtSeconds(contract.retention, claimedAtMs, nowMs),
    ...(fence === undefined && {
      claim: { fingerprint, nowMs, entityId, takeover: allowedTakeover(contract) },
    }),
  };
}

/** The response is in the record, so the client may get it. */
export function acceptCompletion(
  tools: Tools,
  execution: Execution,
  completion: CompleteRequest,
): Exit {
  const { request, fingerprint, fence, entityId } = execution;
  tools.observe({ kind: "completed", recordId: request.id, fence });
  // Without a claim only the store knows the fence and the entity id of the record.
  if (fence !== undefined) {
    const { id, owner, response, expiresAtSeconds } = completion;
    const record = { id, owner, fence, fingerprint, response, entityId, expiresAtSeconds };
    tools.cache?.keep({ ...record, state: "COMPLETED" });
  }
  return { kind: "stands" };
}

/** Judges the record that refused this completion. */
export function settleRefusedCompletion(
  tools: Tools,
  contract: Contract,
  execution: Execution,
  completion: CompleteRequest,
  record: IdempotencyRecord | undefined,
): Exit {
  return judgeCompletion(record, execution, completion.response) === "recorded"
    ? acceptCompletion(tools, execution, completion)
    : settleOvertaken(tools, contract, execution, record);
}

/** The response to a client whose record is no longer under the claim of this execution. */
export function settleOvertaken(
  tools: Tools,
  contract: Contract,
  execution: Execution,
  record: IdempotencyRecord | undefined,
): ReplayOrRefusal {
  const { request, fence } = execution;
  // Nothing had been claimed, so there is nothing to lose: this is a claim that came too late.
  if (fence === undefined) {
    return replayOrRefuse(
      tools,
      contract,
      request,
      judgeClaim(record, execution, tools.clock.now()),
    );
  }
  tools.observe({ kind: "fenced", recordId: request.id, fence });
  const verdict = judgeCompletion(record, execution);
  return typeof verdict === "string"
    ? refuse(tools, request, { code: "claim_lost" })
    : replayOrRefuse(tools, contract, request, { kind: "completed", record: verdict });
}
