import { refusalFrom } from "../errors.ts";
import { acceptCompletion, createCompletion, settleRefusedCompletion } from "./complete.ts";
import type { Execution, Exit, ReplayOrRefusal } from "./execution.ts";
import { freeClaim } from "./free.ts";
import { refuse } from "./replay-or-refuse.ts";
import { type ClaimedExecution, release } from "./settle.ts";
import { transact } from "./transact.ts";
import type { TransactWrite } from "./transact-write.ts";

/** What an execution commits. */
export interface Commit {
  readonly writes: readonly TransactWrite[];
  /** The stored response. */
  readonly response: string;
  /** No effect has happened elsewhere either, so the key may be unused again. */
  readonly mayFree: boolean;
}

/**
 * Records the response and applies the business writes in one transaction: all of it or nothing. At
 * no moment has the money moved without the record knowing.
 *
 *     stale      claim ─────────────── (sleeps) ──────────────── commit: refused, all of it
 *     successor          lease lapses ── claim ── commit: applied
 *
 * While the outcome is unknown, the claim stays: the next attempt finds the truth in the record.
 *
 * @throws CommitRefused if a business condition fails; the execution goes on.
 * @throws CommitError if the writes can never be applied.
 */
export async function commit(execution: Execution, commit: Commit): Promise<Exit> {
  const completion = createCompletion(execution, commit.response);
  const { writes } = commit;
  try {
    const written = await transact(execution, { completion, writes });
    if (written.applied) return acceptCompletion(execution, completion);
    if ("record" in written) {
      const settled = await settleRefusedCompletion(execution, completion, written.record);
      return settled.kind === "claimed" ? await commitLate(settled.execution, commit) : settled;
    }
    if (!written.mayBeApplied) return settleCollision(execution, commit.mayFree);
    return settleUnknown(execution, commit.mayFree);
  } catch (cause) {
    if ((cause as Error).name !== "IdempotencyStoreError")
      return refuseUnrecorded(execution, cause);
    return settleUnknown(execution, commit.mayFree, cause);
  }
}

/**
 * A commit under a claim that the commit itself had to make. If it is refused, the execution goes on
 * without a claim, as before: no claim stood for the handler's effects elsewhere either.
 */
async function commitLate(execution: ClaimedExecution, late: Commit): Promise<Exit> {
  const mayFree = execution.claims === 1;
  try {
    return await commit(execution, { ...late, mayFree });
  } catch (error) {
    // The client has not been told of a refusal yet, so this FREED names no request.
    await (mayFree ? freeClaim(execution) : release(execution)).catch(() => {});
    throw error;
  }
}

/**
 * The refusal for a write that may or may not have been applied.
 *
 * @throws the error itself if it says that nothing was written.
 */
export function refuseUnrecorded({ request }: Execution, cause: unknown): ReplayOrRefusal {
  const { name } = cause as Error;
  if (name === "IdempotencyRecordError") return refuse(request, refusalFrom(cause));
  if (name !== "IdempotencyStoreError") throw cause;
  return refuse(request, { code: "outcome_not_recorded", cause });
}

/**
 * Whether a send was applied, or will be, is unknown. Where no repeat may take over a claim, the key would
 * be refused for ever if none was. The FREE is refused if one was, and a late one is refused by it.
 */
async function settleUnknown(
  execution: Execution,
  mayFree: boolean,
  cause?: unknown,
): Promise<Exit> {
  const { request, fence } = execution;
  const isRefused = request.contract.interrupted === "refuse" && request.durable === undefined;
  const isFreed = fence !== undefined && mayFree && isRefused;
  if (isFreed) await freeClaim({ ...execution, fence }).catch(() => {});
  return refuse(request, { code: "outcome_not_recorded", ...(cause !== undefined && { cause }) });
}

/** Every send was refused, so nothing was written: the same request may be tried again at once. */
async function settleCollision(execution: Execution, mayFree: boolean): Promise<Exit> {
  const { request, fence } = execution;
  // The next invocation of a durable execution goes on under its claim.
  if (fence !== undefined && request.durable === undefined) {
    // If no repeat may take over a claim, a released key would be refused for ever.
    const isFreed = request.contract.interrupted === "refuse" && mayFree;
    const claimed = { ...execution, fence };
    // If this fails as well, the claim lapses by itself.
    await (isFreed ? freeClaim(claimed) : release(claimed)).catch(() => {});
  }
  return refuse(request, { code: "commit_collided" });
}
