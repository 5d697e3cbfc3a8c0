import { ConfigurationError } from "../errors.ts";
import { callOptions, type Execution, type Tools } from "./execution.ts";
import { patience } from "./patience.ts";
import type { Collided, CommitRequest, Refused } from "./store.ts";
import { nextToken } from "./unique.ts";

/** What to do where a store has no `commit`. */
export const STORES_THAT_COMMIT =
  "Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.";

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
  execution: Execution,
  writes: WithoutToken<CommitRequest>,
): Promise<Transacted> {
  const { store } = tools;
  const { request } = execution;
  if (store.commit === undefined) {
    throw new ConfigurationError(
      `idempotency: commit() needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const commit = { ...writes, token: nextToken(execution) };
  const wait = patience(tools, request);
  let mayBeApplied = false;
  for (;;) {
    const written = await store.commit(commit, callOptions(request));
    if (!("mayBeApplied" in written)) return written;
    mayBeApplied ||= written.mayBeApplied;
    if (!(await wait())) return { ...written, mayBeApplied };
  }
}

/** Of each of the kinds of request, because `Omit` would make one of them. */
type WithoutToken<Request> = Request extends unknown ? Omit<Request, "token"> : never;
