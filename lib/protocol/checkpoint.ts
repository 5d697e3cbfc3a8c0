import { refuse } from "./answer.ts";
import { unrecorded } from "./commit.ts";
import { overtaken } from "./complete.ts";
import type { Contract } from "./contract.ts";
import type { Answer, Execution, Tools } from "./execution.ts";
import { patiently } from "./patience.ts";
import type { IdempotencyRecord, RecordedStep } from "./record.ts";
import { transact } from "./transact.ts";
import type { TransactWrite } from "./transact-write.ts";

/**
 * Records that a step is done, in one write, together with its business writes where it has some.
 * From then on no execution of this request runs it again.
 *
 *     first      claim ── step 1 ✓ ── step 2 (dies)
 *     successor                          lease lapses ── claim: step 1 is known ── step 2 ✓ ── …
 *
 * @param index how many steps are recorded before this one.
 * @param writes `undefined` = the step's effect is not in DynamoDB.
 * @returns `undefined` if it is recorded; otherwise the execution is over, and this is its answer.
 * @throws CommitRefused if a business condition fails; nothing was written.
 * @throws CommitError if the writes can never be applied.
 */
export async function checkpoint(
  tools: Tools,
  promises: Contract,
  execution: Execution,
  index: number,
  step: RecordedStep,
  writes?: readonly TransactWrite[],
): Promise<Answer | undefined> {
  const { request, owner, fence } = execution;
  const checkpoint = { id: request.id, owner, index, step };
  try {
    const written =
      writes === undefined
        ? await patiently(tools, request, (options) => tools.store.checkpoint(checkpoint, options))
        : await transact(tools, execution, { checkpoint, writes });
    const isRecorded =
      written.applied || ("record" in written && holds(written.record, owner, index, step));
    if (isRecorded) {
      tools.observe({ kind: "stepped", recordId: request.id, fence, step: step.name });
      return undefined;
    }
    if (!("record" in written)) {
      const code = written.mayBeApplied ? "outcome_not_recorded" : "commit_collided";
      return refuse(tools, request, { code });
    }
    return overtaken(tools, promises, execution, written.record);
  } catch (cause) {
    // The step has had its effect elsewhere: no error may let the handler go on without its record.
    const isDone =
      writes === undefined && (cause as Error).name === "IdempotencyConfigurationError";
    if (isDone) return refuse(tools, request, { code: "outcome_not_recorded", cause });
    return unrecorded(tools, execution, cause);
  }
}

/** The answer to this very checkpoint was lost, and the SDK has sent it again. */
function holds(
  record: IdempotencyRecord | undefined,
  owner: string,
  index: number,
  { name, result }: RecordedStep,
): boolean {
  if (record?.state !== "CLAIMED" || record.owner !== owner) return false;
  const found = record.steps?.[index];
  return found !== undefined && found.name === name && found.result === result;
}
