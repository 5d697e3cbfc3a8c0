import { ConfigurationError, refusalOf } from "../errors.ts";
import { refuse } from "./answer.ts";
import { completionOf, completionRefused, recorded } from "./complete.ts";
import { callOptions, type Execution, type Exit, type Tools } from "./execution.ts";
import type { Promises } from "./promises.ts";
import type { TransactWrite } from "./transact-write.ts";

/** What to do where a store has no `commit`. */
export const STORES_THAT_COMMIT =
  "Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.";

/** How long collisions are sent again where nobody knows when the invocation ends. */
const UNKNOWN_BUDGET_MS = 10_000;
const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 800;

/**
 * Records the answer and applies the business writes in one transaction: either both are there, or
 * neither. There is no moment in which the money has moved and the record does not know it.
 *
 *     stale      claim ─────────────── (sleeps) ──────────────── commit: refused, all of it
 *     successor          lease lapses ── claim ── commit: applied
 *
 * A collision is sent again with the same token until time runs out. When the outcome is unknown,
 * nothing is released: the next attempt finds the truth in the record.
 *
 * @param mayFree nothing has happened elsewhere either, so the key may be unused again.
 * @throws CommitRefused if a business condition fails; the execution goes on.
 * @throws CommitError if the writes can never be applied.
 */
export async function commit(
  tools: Tools,
  promises: Promises,
  execution: Execution,
  writes: readonly TransactWrite[],
  response: string,
  mayFree: boolean,
): Promise<Exit> {
  const { store, clock } = tools;
  const { request } = execution;
  if (store.commit === undefined) {
    throw new ConfigurationError(
      `idempotency: commit() needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const completion = completionOf(tools, promises, execution, response);
  const token = tools.randomUUID();
  const budgetMs = (request.remainingMs() ?? UNKNOWN_BUDGET_MS) - tools.leaseMarginMs;
  const giveUpAtMs = clock.now() + budgetMs;
  let mayBeApplied = false;
  try {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const written = await store.commit({ completion, writes, token }, callOptions(request));
      if (written.applied) return recorded(tools, execution);
      if (!("collided" in written)) {
        return completionRefused(tools, promises, execution, written.record, response);
      }
      mayBeApplied ||= written.mayBeApplied;
      const waitMs = delayMs * jitter(tools.randomUUID());
      if (clock.now() + waitMs >= giveUpAtMs) {
        return mayBeApplied
          ? refuse(tools, request, { code: "outcome_not_recorded" })
          : collided(tools, promises, execution, mayFree);
      }
      await clock.sleep(waitMs);
    }
  } catch (cause) {
    const { name } = cause as Error;
    if (name === "IdempotencyRecordError") return refuse(tools, request, refusalOf(cause));
    if (name !== "IdempotencyStoreError") throw cause;
    return refuse(tools, request, { code: "outcome_not_recorded", cause });
  }
}

/** Every send was refused, so nothing was written: the same request may be tried again at once. */
async function collided(
  tools: Tools,
  { onInterrupted }: Promises,
  { request, owner, fence }: Execution,
  mayFree: boolean,
): Promise<Exit> {
  if (fence !== undefined) {
    // Where a claim cannot be taken over, a released key would be refused for ever.
    const settlement = onInterrupted === "refuse" && mayFree ? "free" : "release";
    // It lapses by itself where this fails as well.
    await tools.store[settlement]({ id: request.id, owner }, callOptions(request)).catch(() => {});
  }
  return refuse(tools, request, { code: "commit_collided" });
}

/** A number from 0 to 1, from the one source of randomness that there is. */
function jitter(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 0xffffffff;
}
