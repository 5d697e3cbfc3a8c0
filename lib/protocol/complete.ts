import { hadEnded, judgeAfterHandler, waitForLiveClaim } from "./after-handler.ts";
import { claim, claimantOf } from "./claim.ts";
import { mayBeRefused } from "./comparison.ts";
import type { Execution, Exit, KeyedRequest, ReplayOrRefusal } from "./execution.ts";
import { patiently } from "./patience.ts";
import type { FreedRecord, IdempotencyRecord } from "./record.ts";
import { refuse, replayOrRefuse } from "./replay-or-refuse.ts";
import { expiresAtSeconds, notBefore } from "./retention.ts";
import type { ClaimedExecution } from "./settle.ts";
import type { CompleteRequest } from "./store.ts";
import { judgeCompletion } from "./verdict.ts";

/**
 * Records the response in one write, and says whether it stands. A response that was to be stored
 * but is not is withheld: no client hears of a success that the next retry would not find.
 */
export async function complete(execution: Execution, response: string): Promise<Exit> {
  const { request } = execution;
  const { tools } = request;
  try {
    const completion = createCompletion(execution, response);
    const written = await patiently(request, (options) =>
      tools.store.complete(completion, options),
    );
    if (written.applied) return acceptCompletion(execution, completion);
    const settled = await settleRefusedCompletion(execution, completion, written.record);
    return settled.kind === "claimed" ? await complete(settled.execution, response) : settled;
  } catch (cause) {
    return refuse(request, { code: "outcome_not_recorded", cause });
  }
}

/**
 * The write that completes a record. If nothing was claimed before, the write is the claim as well.
 */
export function createCompletion(execution: Execution, response: string): CompleteRequest {
  const { request, owner, fingerprint, scheme, fence, claimedAtMs, entityId } = execution;
  const { tools, contract, id } = request;
  const nowMs = Math.floor(tools.clock.now());
  const completion = {
    id,
    owner,
    response,
    expiresAtSeconds: notBefore(
      expiresAtSeconds(contract.retention, claimedAtMs, nowMs),
      execution.replaysUntilMs,
    ),
  };
  return fence === undefined
    ? { ...completion, claim: { fingerprint, scheme, nowMs, entityId } }
    : { ...completion, fence };
}

/** The response is in the record, so the client may get it. */
export function acceptCompletion(
  { request, fingerprint, scheme, fence, entityId }: Execution,
  { id, owner, response, expiresAtSeconds }: CompleteRequest,
): Exit {
  const { tools } = request;
  tools.observe({ kind: "completed", recordId: request.id, fence });
  // Without a claim only the store knows the fence of the record.
  if (fence !== undefined) {
    const record = { id, owner, fence, fingerprint, scheme, response, entityId, expiresAtSeconds };
    tools.cache?.keep({ ...record, state: "COMPLETED" });
  }
  return { kind: "stands" };
}

/** The right to complete a record that refused a completion without a claim. */
export interface ClaimedLate {
  readonly kind: "claimed";
  readonly execution: ClaimedExecution;
}

/** Judges the record that refused this completion. */
export async function settleRefusedCompletion(
  execution: Execution,
  completion: CompleteRequest,
  record: IdempotencyRecord | undefined,
): Promise<Exit | ClaimedLate> {
  if (judgeCompletion(record, execution, completion.response) === "recorded") {
    return acceptCompletion(execution, completion);
  }
  const { fence } = execution;
  return fence === undefined
    ? claimLate(execution, record)
    : settleOvertaken({ ...execution, fence }, record);
}

/**
 * A completion without a claim takes an id without a record only. A lapsed claim, or a record that has
 * ended or was freed, is claimed first, and the completion follows under that claim.
 *
 * A freed record stops an execution whose request it names, unless the execution has seen it before its
 * handler ran: the client was told that the request is refused, and this may be an attempt from before.
 *
 *     first      handler ── (sleeps) ──────────────────── commit: 503, and nothing else
 *     retry              handler refuses ── FREED ── 422
 *     corrected                                 handler ── commit: 201, in another order of events
 *
 * The claim has the execution's own owner. If the business refuses its commit, the claim is given back,
 * and the execution goes on: the record that it has freed or released by that does not stop it.
 */
async function claimLate(
  execution: Execution,
  record: IdempotencyRecord | undefined,
): Promise<Exit | ClaimedLate> {
  const { request, owner, freed } = execution;
  const mayReplace = (found: FreedRecord) =>
    found.owner === owner ||
    (freed?.owner === found.owner && freed.fence === found.fence) ||
    !mayBeRefused(found.refused, execution);
  const verdict = judgeAfterHandler(record, execution);
  if (verdict.kind === "freed" && !mayReplace(verdict.record)) return refuseFreed(request);
  if (!["own", "lapsed", "ended", "freed", "absent"].includes(verdict.kind)) {
    return replayOrRefuse(request, verdict);
  }
  const claimed = await claim(
    request,
    claimantOf(execution),
    (found) => hadEnded(found, execution) || (found.state === "FREED" && mayReplace(found)),
  );
  if (!("execution" in claimed)) {
    return claimed.verdict.kind === "freed"
      ? refuseFreed(request)
      : replayOrRefuse(request, waitForLiveClaim(claimed.verdict, request.tools.clock.now()));
  }
  const late = claimed.execution as ClaimedExecution;
  if (late.entityId === execution.entityId) return { kind: "claimed", execution: late };
  // The handler has made its response for another entity. The next attempt, after this lease, reads the
  // record first.
  return refuse(request, { code: "request_in_flight" });
}

/** The next request under the key reads first, so that it has seen the freed record. */
function refuseFreed(request: KeyedRequest): ReplayOrRefusal {
  request.tools.freedIds.add(request.id);
  return refuse(request, { code: "key_freed" });
}

/** The response to a client whose record is no longer under the claim of this execution. */
export function settleOvertaken(
  execution: ClaimedExecution,
  record: IdempotencyRecord | undefined,
): ReplayOrRefusal {
  const { request, fence } = execution;
  request.tools.observe({ kind: "fenced", recordId: request.id, fence });
  const verdict = judgeCompletion(record, execution);
  return typeof verdict === "string"
    ? refuse(request, { code: "claim_lost" })
    : replayOrRefuse(request, { kind: "completed", record: verdict });
}
