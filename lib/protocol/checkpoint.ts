import { refuseUnrecorded } from "./commit.ts";
import { settleOvertaken } from "./complete.ts";
import type { ReplayOrRefusal } from "./execution.ts";
import { patiently } from "./patience.ts";
import type { IdempotencyRecord, RecordedStep } from "./record.ts";
import { refuse } from "./replay-or-refuse.ts";
import type { ClaimedExecution } from "./settle.ts";
import { transact } from "./transact.ts";
import type { TransactWrite } from "./transact-write.ts";

/**
 * Records a finished step in one write, together with its business writes, if any. From then on no
 * execution of this request runs the step again.
 *
 *     first      claim ── step 1 ✓ ── step 2 (dies)
 *     successor                          lease lapses ── claim: step 1 is known ── step 2 ✓ ── …
 *
 * @param index the number of steps recorded before this one.
 * @param writes `undefined` = the step's effect is not in DynamoDB.
 * @returns `undefined` once the step is recorded. Otherwise the execution is over, and this is the
 *   response.
 * @throws CommitRefused if a business condition fails; nothing was written.
 * @throws CommitError if the writes can never be applied.
 */
export async function checkpoint(
  execution: ClaimedExecution,
  index: number,
  step: RecordedStep,
  writes?: readonly TransactWrite[],
): Promise<ReplayOrRefusal | undefined> {
  const { request, owner, fence } = execution;
  const { tools } = request;
  const checkpoint = { id: request.id, owner, fence, index, step };
  try {
    const written =
      writes === undefined
        ? await patiently(request, (options) => tools.store.checkpoint(checkpoint, options))
        : await transact(execution, { checkpoint, writes });
    const isRecorded =
      written.applied || ("record" in written && holdsStep(written.record, owner, index, step));
    if (isRecorded) {
      tools.observe({ kind: "stepped", recordId: request.id, fence, step: step.name });
      return undefined;
    }
    if (!("record" in written)) {
      const code = written.mayBeApplied ? "outcome_not_recorded" : "commit_collided";
      return refuse(request, { code });
    }
    return settleOvertaken(execution, written.record);
  } catch (cause) {
    // The step has had its effect elsewhere: no error may let the handler go on without its record.
    const isDone =
      writes === undefined && (cause as Error).name === "IdempotencyConfigurationError";
    if (isDone) return refuse(request, { code: "outcome_not_recorded", cause });
    return refuseUnrecorded(execution, cause);
  }
}

/** DynamoDB's reply to this checkpoint was lost, and the SDK sent the checkpoint again. */
function holdsStep(
  record: IdempotencyRecord | undefined,
  owner: string,
  index: number,
  { name, result }: RecordedStep,
): boolean {
  if (record?.state !== "CLAIMED" || record.owner !== owner) return false;
  const found = record.steps?.[index];
  return found !== undefined && found.name === name && found.result === result;
}
