import { ConfigurationError } from "../errors.ts";
import { callOptions, type Execution, type Tools } from "./execution.ts";
import { isForNow, patience } from "./patience.ts";
import type { CollidedCommit, CommitRequest, RefusedWrite, WriteOutcome } from "./store.ts";
import { nextToken } from "./unique.ts";

/** What to do where a store has no `commit`. */
export const STORES_THAT_COMMIT =
  "Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.";

/** What a transaction came to. */
export type Transacted =
  | { readonly applied: true }
  | RefusedWrite
  /** There was no time to send it again. `mayBeApplied` = an earlier send of it may have been. */
  | CollidedCommit;

/**
 * Sends a transaction. After a collision with another one, or a failure of the store, it is sent again,
 * with the same token, until time runs out; any other outcome is the answer. An earlier send that was
 * applied after all is recognised by its token, and by the owner in the record.
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
    let written: WriteOutcome | CollidedCommit;
    try {
      written = await store.commit(commit, callOptions(request));
    } catch (error) {
      // A failure does not say what was done before it.
      mayBeApplied = true;
      if (isForNow(error) && (await wait())) continue;
      throw error;
    }
    if (!("mayBeApplied" in written)) return written;
    mayBeApplied ||= written.mayBeApplied;
    if (!(await wait())) return { ...written, mayBeApplied };
  }
}

/** Of each of the kinds of request, because `Omit` would make one of them. */
type WithoutToken<Request> = Request extends unknown ? Omit<Request, "token"> : never;
