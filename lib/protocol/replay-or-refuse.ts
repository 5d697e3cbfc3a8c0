import type { Refusal, RefusalCode } from "../errors.ts";
import type { KeyedRequest, ReplayOrRefusal } from "./execution.ts";
import type { CompletedRecord, IdempotencyRecord } from "./record.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Takeover } from "./store.ts";
import { allowsTakeover, type Verdict } from "./verdict.ts";

/** The response to a request whose record belongs to another execution: a replay or a refusal. */
export function replayOrRefuse(request: KeyedRequest, verdict: Verdict): ReplayOrRefusal {
  const { tools, contract } = request;
  if (verdict.kind !== "absent" && verdict.record.state === "COMPLETED") {
    tools.cache?.keep(verdict.record);
  }
  switch (verdict.kind) {
    case "completed":
      return contract.completed === "refuse"
        ? refuseFor(verdict.record, "already_completed")
        : replay(request, verdict.record);
    case "incomparable":
    case "mismatch":
      if (contract.mismatch === "replay" && verdict.record.state === "COMPLETED") {
        return replay(request, verdict.record);
      }
      return refuseFor(
        verdict.record,
        verdict.kind === "mismatch" ? "payload_mismatch" : "request_incomparable",
      );
    case "unknown":
      return refuseFor(verdict.record, "outcome_unknown");
    case "suspended":
    case "lapsed": {
      if (isTakenOver(request, verdict)) {
        return refuseFor(verdict.record, "request_in_flight");
      }
      if (contract.interrupted !== "refuse") {
        tools.observe({ kind: "notResumable", recordId: request.id, message: NOT_RESUMABLE });
      }
      return refuseFor(verdict.record, "request_interrupted");
    }
    case "own":
    case "inFlight":
      return refuseFor(verdict.record, "request_in_flight");
    // The record has changed since it refused the claim. The next attempt finds its new state.
    case "freed":
    case "ended":
    case "absent":
      return refuse(request, { code: "request_in_flight" });
  }

  function refuseFor(record: IdempotencyRecord, code: RefusalCode): ReplayOrRefusal {
    const { entityId } = record;
    const nowMs = tools.clock.now();
    const waitMs = retryAfterMs(record, nowMs);
    const leaseLeftMs = record.state === "CLAIMED" ? record.leaseUntilMs - nowMs : 0;
    return refuse(request, {
      code,
      ...(entityId !== undefined && { entityId }),
      ...(waitMs !== undefined && { retryAfterMs: waitMs }),
      ...(leaseLeftMs > 0 && { leaseLeftMs }),
      ...(code === "payload_mismatch" && record.state === "COMPLETED" && { isFirstDone: true }),
    });
  }
}

function replay(
  { id, tools, contract }: KeyedRequest,
  { response, entityId }: CompletedRecord,
): ReplayOrRefusal {
  tools.observe({ kind: "replayed", recordId: id });
  return contract.completed === "entity" && entityId !== undefined
    ? { kind: "entity", entityId, response }
    : { kind: "replay", response };
}

export function refuse({ id, tools }: KeyedRequest, refusal: Refusal): ReplayOrRefusal {
  tools.observe({ kind: "refused", recordId: id, ...refusal });
  return { kind: "refuse", refusal };
}

/** Whether the record is a lapsed or suspended claim that the request may take over. */
export function isTakenOver(request: KeyedRequest, verdict: Verdict): boolean {
  if (verdict.kind !== "lapsed" && verdict.kind !== "suspended") return false;
  const takeover = verdict.kind === "lapsed" ? request.takeover : suspendedTakeover(request);
  return allowsTakeover(verdict.record, { takeover, hasEntity: hasEntity(request) });
}

/**
 * The suspended claims that a request may take over. A replay is no retry, so `interrupted: "refuse"` does
 * not refuse it; begun work is not forgotten all the same.
 */
export function suspendedTakeover({ contract }: KeyedRequest): Takeover {
  return contract.interrupted === "resume" ? "resume" : "restart";
}

/** Whether the request creates an entity, whose id its record keeps. */
export function hasEntity({ contract }: KeyedRequest): boolean {
  return contract.completed === "entity";
}

const NOT_RESUMABLE =
  'The record holds recorded steps, a begun mark or the id of an entity, and this route would forget them: it does not resume (interrupted: "resume", claimAt: "start"), or creates no entity. Its repeats are refused. Deploy a route that resumes the request, or end the record by hand.';
