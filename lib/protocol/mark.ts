import { settleOvertaken } from "./complete.ts";
import type { ReplayOrRefusal } from "./execution.ts";
import { patiently } from "./patience.ts";
import { refuse } from "./replay-or-refuse.ts";
import type { ClaimedExecution } from "./settle.ts";

/**
 * Says in the record that the request has begun, before its first effect outside DynamoDB. A completer
 * finishes what has begun, and nothing else:
 *
 *     request      claim ── mark ── bank pays (dies)          the completer finishes it
 *     another      claim (dies)                               the completer releases it
 *
 * @returns `undefined` once the mark is recorded. Otherwise the execution is over, and this is the
 *   response.
 */
export async function mark(execution: ClaimedExecution): Promise<ReplayOrRefusal | undefined> {
  const { request, owner, fence } = execution;
  const { tools, id } = request;
  const nowMs = Math.floor(tools.clock.now());
  try {
    const marked = await patiently(request, (options) =>
      tools.store.mark({ id, owner, fence, nowMs }, options),
    );
    if (marked.applied) return undefined;
    const { record } = marked;
    // The reply to an earlier send was lost.
    const isMarked =
      record?.state === "CLAIMED" &&
      record.owner === owner &&
      record.fence === fence &&
      record.begunAtMs === nowMs;
    return isMarked ? undefined : settleOvertaken(execution, record);
  } catch (cause) {
    return refuse(request, { code: "outcome_not_recorded", cause });
  }
}
