import type { Refusal } from "../errors.ts";
import type { Answer, KeyedRequest, Tools } from "./execution.ts";
import type { Promises } from "./promises.ts";
import type { CompletedRecord } from "./record.ts";
import type { Verdict } from "./verdict.ts";

/** What a request gets whose record belongs to another execution. */
export function answer(
  tools: Tools,
  promises: Promises,
  request: KeyedRequest,
  verdict: Verdict,
): Answer {
  switch (verdict.kind) {
    case "completed":
      return promises.onCompleted === "replay"
        ? replay(tools, request, verdict.record)
        : refuse(tools, request, { code: "already_completed" });
    case "mismatch":
      if (promises.onMismatch === "replay" && verdict.record.state === "COMPLETED") {
        return replay(tools, request, verdict.record);
      }
      return refuse(tools, request, { code: "payload_mismatch" });
    case "unknown":
      return refuse(tools, request, { code: "outcome_unknown" });
    case "lapsed":
      return promises.onInterrupted === "refuse"
        ? refuse(tools, request, { code: "request_interrupted" })
        : refuse(tools, request, { code: "request_in_flight" });
    // A record that changed between the refusal and now: the next attempt finds what became of it.
    case "own":
    case "unused":
    case "inFlight":
      return refuse(tools, request, { code: "request_in_flight" });
  }
}

function replay(tools: Tools, request: KeyedRequest, record: CompletedRecord): Answer {
  tools.observe({ kind: "replayed", recordId: request.id });
  return { kind: "replay", response: record.response };
}

export function refuse(tools: Tools, request: KeyedRequest, refusal: Refusal): Answer {
  tools.observe({ kind: "refused", recordId: request.id, ...refusal });
  return { kind: "refuse", refusal };
}
