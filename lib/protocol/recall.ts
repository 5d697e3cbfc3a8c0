import type { Contract } from "./contract.ts";
import { callOptions, type KeyedRequest, type ReplayOrRefusal, type Tools } from "./execution.ts";
import type { IdempotencyRecord } from "./record.ts";
import { replayOrRefuse } from "./replay-or-refuse.ts";
import { judgeClaim } from "./verdict.ts";

/**
 * Recognises a repeat before anything is claimed. This process may remember the record, or one read
 * may find it; a read costs less than the write that a claim is.
 *
 * Only a completed record is trusted. It does not change until it expires, so an old copy is as
 * good as the record. In any other case the claim decides.
 *
 * @param isRead whether to read the store as well.
 * @returns `undefined` = not known.
 */
export async function recall(
  tools: Tools,
  contract: Contract,
  request: KeyedRequest,
  isRead: boolean,
): Promise<ReplayOrRefusal | undefined> {
  const record = tools.cache?.find(request.id) ?? (isRead ? await read(tools, request) : undefined);
  if (record?.state !== "COMPLETED") return undefined;
  // No execution has this owner, so no record is mistaken for an earlier send of this one.
  const claimant = { owner: "", fingerprint: request.fingerprint };
  const verdict = judgeClaim(record, claimant, tools.clock.now());
  return verdict.kind === "unused" ? undefined : replayOrRefuse(tools, contract, request, verdict);
}

/** Nothing depends on this read: if it fails, the claim decides, and fails closed. */
async function read(tools: Tools, request: KeyedRequest): Promise<IdempotencyRecord | undefined> {
  const options = { ...callOptions(request), consistency: "eventual" } as const;
  return tools.store.read(request.id, options).catch(() => undefined);
}
