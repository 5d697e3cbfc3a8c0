import { refusalFrom } from "../errors.ts";
import { acceptCompletion, createCompletion, settleRefusedCompletion } from "./complete.ts";
import type { Contract } from "./contract.ts";
import { endClaim } from "./end-claim.ts";
import type { Execution, Exit, ReplayOrRefusal, Tools } from "./execution.ts";
import { refuse } from "./replay-or-refuse.ts";
import { transact } from "./transact.ts";
import type { TransactWrite } from "./transact-write.ts";

/**
 * Records the response and applies the business writes in one transaction: all of it or nothing. At
 * no moment has the money moved without the record knowing.
 *
 *     stale      claim ─────────────── (sleeps) ──────────────── commit: refused, all of it
 *     successor          lease lapses ── claim ── commit: applied
 *
 * While the outcome is unknown, the claim stays: the next attempt finds the truth in the record.
 *
 * @param mayFree no effect has happened elsewhere either, so the key may be unused again.
 * @throws CommitRefused if a business condition fails; the execution goes on.
 * @throws CommitError if the writes can never be applied.
 */
export async function commit(
  tools: Tools,
  contract: Contract,
  execution: Execution,
  writes: readonly TransactWrite[],
  response: string,
  mayFree: boolean,
): Promise<Exit> {
  const { request } = execution;
  const completion = createCompletion(tools, contract, execution, response);
  try {
    const written = await transact(tools, execution, { completion, writes });
    if (written.applied) return acceptCompletion(tools, execution, completion);
    if ("record" in written) {
      return settleRefusedCompletion(tools, contract, execution, completion, written.record);
    }
    return written.mayBeApplied
      ? refuse(tools, request, { code: "outcome_not_recorded" })
      : settleCollision(tools, contract, execution, mayFree);
  } catch (cause) {
    return refuseUnrecorded(tools, execution, cause);
  }
}

/**
 * The refusal for a write that may or may not have been applied.
 *
 * @throws the error itself if it says that nothing was written.
 */
export function refuseUnrecorded(
  tools: Tools,
  { request }: Execution,
  cause: unknown,
): ReplayOrRefusal {
  const { name } = cause as Error;
  if (name === "IdempotencyRecordError") return refuse(tools, request, refusalFrom(cause));
  if (name !== "IdempotencyStoreError") throw cause;
  return refuse(tools, request, { code: "outcome_not_recorded", cause });
}

/** Every send was refused, so nothing was written: the same request may be tried again at once. */
async function settleCollision(
  tools: Tools,
  { interrupted }: Contract,
  execution: Execution,
  mayFree: boolean,
): Promise<Exit> {
  if (execution.fence !== undefined) {
    // If no repeat may take over a claim, a released key would be refused for ever.
    const settlement = interrupted === "refuse" && mayFree ? "free" : "release";
    // If this fails as well, the claim lapses by itself.
    await endClaim(tools, execution, settlement).catch(() => {});
  }
  return refuse(tools, execution.request, { code: "commit_collided" });
}
