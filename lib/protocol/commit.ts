import { refusalFrom } from "../errors.ts";
import { refuse } from "./answer.ts";
import { completionOf, completionRefused, recorded } from "./complete.ts";
import type { Contract } from "./contract.ts";
import { endClaim } from "./end-claim.ts";
import type { Answer, Execution, Exit, Tools } from "./execution.ts";
import { transact } from "./transact.ts";
import type { TransactWrite } from "./transact-write.ts";

/**
 * Records the answer and applies the business writes in one transaction: either both are there, or
 * neither. There is no moment in which the money has moved and the record does not know it.
 *
 *     stale      claim ─────────────── (sleeps) ──────────────── commit: refused, all of it
 *     successor          lease lapses ── claim ── commit: applied
 *
 * When the outcome is unknown, nothing is released: the next attempt finds the truth in the record.
 *
 * @param mayFree nothing has happened elsewhere either, so the key may be unused again.
 * @throws CommitRefused if a business condition fails; the execution goes on.
 * @throws CommitError if the writes can never be applied.
 */
export async function commit(
  tools: Tools,
  promises: Contract,
  execution: Execution,
  writes: readonly TransactWrite[],
  response: string,
  mayFree: boolean,
): Promise<Exit> {
  const { request } = execution;
  const completion = completionOf(tools, promises, execution, response);
  try {
    const written = await transact(tools, execution, { completion, writes });
    if (written.applied) return recorded(tools, execution, completion);
    if ("record" in written) {
      return completionRefused(tools, promises, execution, completion, written.record);
    }
    return written.mayBeApplied
      ? refuse(tools, request, { code: "outcome_not_recorded" })
      : collided(tools, promises, execution, mayFree);
  } catch (cause) {
    return unrecorded(tools, execution, cause);
  }
}

/**
 * What the client hears when nobody knows whether a write was applied.
 *
 * @throws the error itself, where it says that nothing was.
 */
export function unrecorded(tools: Tools, { request }: Execution, cause: unknown): Answer {
  const { name } = cause as Error;
  if (name === "IdempotencyRecordError") return refuse(tools, request, refusalFrom(cause));
  if (name !== "IdempotencyStoreError") throw cause;
  return refuse(tools, request, { code: "outcome_not_recorded", cause });
}

/** Every send was refused, so nothing was written: the same request may be tried again at once. */
async function collided(
  tools: Tools,
  { interrupted }: Contract,
  execution: Execution,
  mayFree: boolean,
): Promise<Exit> {
  if (execution.fence !== undefined) {
    // Where a claim cannot be taken over, a released key would be refused for ever.
    const settlement = interrupted === "refuse" && mayFree ? "free" : "release";
    // It lapses by itself where this fails as well.
    await endClaim(tools, execution, settlement).catch(() => {});
  }
  return refuse(tools, execution.request, { code: "commit_collided" });
}
