import { answer } from "./answer.ts";
import type { Contract } from "./contract.ts";
import { type Answer, callOptions, type KeyedRequest, type Tools } from "./execution.ts";
import type { IdempotencyRecord } from "./record.ts";
import { judgeClaim } from "./verdict.ts";

/**
 * Before anything is claimed: is the request known to be a repeat? This process may remember its
 * record, or one read may find it, which costs less than the write that a claim is.
 *
 * Only a completed record is believed. It does not change until it expires, so an old copy of it is
 * as good as the record; whatever else is found, the claim will say what there is.
 *
 * @param isRead whether the store is asked, too.
 * @returns `undefined` = not known.
 */
export async function recall(
  tools: Tools,
  promises: Contract,
  request: KeyedRequest,
  isRead: boolean,
): Promise<Answer | undefined> {
  const record = tools.cache?.find(request.id) ?? (isRead ? await read(tools, request) : undefined);
  if (record?.state !== "COMPLETED") return undefined;
  // No execution has this owner, so nothing is mistaken for an earlier send of this one.
  const me = { owner: "", fingerprint: request.fingerprint };
  const verdict = judgeClaim(record, me, tools.clock.now());
  return verdict.kind === "unused" ? undefined : answer(tools, promises, request, verdict);
}

/** Nothing depends on it: where it fails, the claim is asked, and fails closed. */
async function read(tools: Tools, request: KeyedRequest): Promise<IdempotencyRecord | undefined> {
  const options = { ...callOptions(request), consistency: "eventual" } as const;
  return tools.store.read(request.id, options).catch(() => undefined);
}
