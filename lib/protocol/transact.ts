import { ConfigurationError } from "../errors.ts";
import { callOptions, type KeyedRequest, type Tools } from "./execution.ts";
import type { Collided, CommitRequest, Refused } from "./store.ts";

/** What to do where a store has no `commit`. */
export const STORES_THAT_COMMIT =
  "Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.";

/** How long collisions are sent again where nobody knows when the invocation ends. */
const UNKNOWN_BUDGET_MS = 10_000;
const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 800;

/** What a transaction came to. */
export type Transacted =
  | { readonly applied: true }
  | Refused
  /** There was no time to send it again. `mayBeApplied` = an earlier send of it may have been. */
  | Collided;

/**
 * Sends a transaction. A collision with another one is sent again, with the same token, until time
 * runs out; whatever else comes is the answer.
 *
 * @throws whatever the store's `commit` throws.
 */
export async function transact(
  tools: Tools,
  request: KeyedRequest,
  writes: WithoutToken<CommitRequest>,
): Promise<Transacted> {
  const { store, clock } = tools;
  if (store.commit === undefined) {
    throw new ConfigurationError(
      `idempotency: commit() needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const commit = { ...writes, token: tools.randomUUID() };
  const budgetMs = (request.remainingMs() ?? UNKNOWN_BUDGET_MS) - tools.leaseMarginMs;
  const giveUpAtMs = clock.now() + budgetMs;
  let mayBeApplied = false;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    const written = await store.commit(commit, callOptions(request));
    if (!("mayBeApplied" in written)) return written;
    mayBeApplied ||= written.mayBeApplied;
    const waitMs = delayMs * jitter(tools.randomUUID());
    if (clock.now() + waitMs >= giveUpAtMs) return { ...written, mayBeApplied };
    await clock.sleep(waitMs);
  }
}

/** Of each of the kinds of request, because `Omit` would make one of them. */
type WithoutToken<Request> = Request extends unknown ? Omit<Request, "token"> : never;

/** A number from 0 to 1, from the one source of randomness that there is. */
function jitter(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 0xffffffff;
}
