import type { Refusal, RefusalCode } from "../errors.ts";
import type { Contract } from "./contract.ts";
import type { KeyedRequest, ReplayOrRefusal, Tools } from "./execution.ts";
import type { CompletedRecord, IdempotencyRecord } from "./record.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Verdict } from "./verdict.ts";

/** The response to a request whose record belongs to another execution: a replay or a refusal. */
export function replayOrRefuse(
  tools: Tools,
  contract: Contract,
  request: KeyedRequest,
  verdict: Verdict,
): ReplayOrRefusal {
  if (verdict.kind !== "unused" && verdict.record.state === "COMPLETED") {
    tools.cache?.keep(verdict.record);
  }
  switch (verdict.kind) {
    case "completed":
      return contract.completed === "refuse"
        ? refuseFor(verdict.record, "already_completed")
        : replay(tools, contract, request, verdict.record);
    case "mismatch":
      if (contract.mismatch === "replay" && verdict.record.state === "COMPLETED") {
        return replay(tools, contract, request, verdict.record);
      }
      return refuseFor(verdict.record, "payload_mismatch");
    case "unknown":
      return refuseFor(verdict.record, "outcome_unknown");
    case "lapsed":
      return contract.interrupted === "refuse"
        ? refuseFor(verdict.record, "request_interrupted")
        : refuseFor(verdict.record, "request_in_flight");
    case "own":
    case "inFlight":
      return refuseFor(verdict.record, "request_in_flight");
    // The record has changed since it refused the claim. The next attempt finds its new state.
    case "unused":
      return refuse(tools, request, { code: "request_in_flight" });
  }

  function refuseFor(record: IdempotencyRecord, code: RefusalCode): ReplayOrRefusal {
    const { entityId } = record;
    const waitMs = retryAfterMs(record, tools.clock.now());
    return refuse(tools, request, {
      code,
      ...(entityId !== undefined && { entityId }),
      ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    });
  }
}

function replay(
  tools: Tools,
  { completed }: Contract,
  request: KeyedRequest,
  { response, entityId }: CompletedRecord,
): ReplayOrRefusal {
  tools.observe({ kind: "replayed", recordId: request.id });
  return completed === "entity" && entityId !== undefined
    ? { kind: "entity", entityId, response }
    : { kind: "replay", response };
}

export function refuse(tools: Tools, request: KeyedRequest, refusal: Refusal): ReplayOrRefusal {
  tools.observe({ kind: "refused", recordId: request.id, ...refusal });
  return { kind: "refuse", refusal };
}
