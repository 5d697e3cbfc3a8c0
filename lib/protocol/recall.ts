import { callOptions, type KeyedRequest, type ReplayOrRefusal } from "./execution.ts";
import type { CompletedRecord, IdempotencyRecord } from "./record.ts";
import { replayOrRefuse } from "./replay-or-refuse.ts";
import { judgeClaim } from "./verdict.ts";

/** The knowledge about a record before anything is claimed. */
export interface Recalled {
  /** The response, if the request is a known repeat. */
  readonly ended?: ReplayOrRefusal | undefined;
  /** The record, if it was read and has not completed. */
  readonly record?: IdempotencyRecord | undefined;
}

/**
 * Recognises a repeat before anything is claimed. This process may remember the record, or one read
 * may find it; a read costs less than the write that a claim is.
 *
 * Only a completed record is trusted. It does not change until it ends, so an old copy is as
 * good as the record. In any other case the claim decides.
 *
 * @param consistency of the read; `undefined` = the store is not read, unless a commit of this process
 *   has met the freed record of this key.
 */
export async function recall(
  request: KeyedRequest,
  consistency: "eventual" | "strong" | undefined,
): Promise<Recalled> {
  const { tools, id } = request;
  const remembered = tools.cache?.find(id);
  const ended = remembered && respondTo(request, remembered);
  if (ended !== undefined) return { ended };
  const wanted = consistency ?? (tools.freedIds.has(id) ? "eventual" : undefined);
  const record = wanted && (await read(request, wanted));
  return record?.state === "COMPLETED" ? { ended: respondTo(request, record) } : { record };
}

/** @returns `undefined` = the record has ended. */
function respondTo(request: KeyedRequest, record: CompletedRecord): ReplayOrRefusal | undefined {
  const { tools, fingerprint, scheme, previous } = request;
  // No execution has this owner, so no record is mistaken for an earlier send of this one.
  // Stryker disable next-line StringLiteral: any owner serves that no execution has
  const claimant = { owner: "", fingerprint, scheme, previous };
  const verdict = judgeClaim(record, claimant, tools.clock.now());
  return verdict.kind === "ended" ? undefined : replayOrRefuse(request, verdict);
}

/** Nothing depends on this read: if it fails, the claim decides, and fails closed. */
async function read(
  request: KeyedRequest,
  consistency: "eventual" | "strong",
): Promise<IdempotencyRecord | undefined> {
  const options = { ...callOptions(request), consistency };
  return request.tools.store.read(request.id, options).catch(() => undefined);
}
