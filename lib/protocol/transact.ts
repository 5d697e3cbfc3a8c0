import { ConfigurationError } from "../errors.ts";
import { callOptions, type Execution } from "./execution.ts";
import { isForNow, patience } from "./patience.ts";
import type { CollidedCommit, CommitRequest, RefusedWrite, WriteOutcome } from "./store.ts";
import { nextToken } from "./unique.ts";

/** The advice for a store without `commit`. */
export const STORES_THAT_COMMIT =
  "Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.";

/** The outcome of a transaction. */
export type TransactOutcome =
  | { readonly applied: true }
  | RefusedWrite
  /** There was no time to send it again. `mayBeApplied` = an earlier send may have been applied. */
  | CollidedCommit;

/**
 * Sends a transaction. After a collision with another one, or a failure of the store, it is sent
 * again with the same token until time runs out. Its token, and the owner in the record, identify
 * an earlier send that was applied after all.
 *
 * @throws every error of the store's `commit`.
 */
export async function transact(
  execution: Execution,
  writes: Unsent<CommitRequest>,
): Promise<TransactOutcome> {
  const { request } = execution;
  const { store, clock } = request.tools;
  if (store.commit === undefined) {
    throw new ConfigurationError(
      `idempotency: commit() needs a store that commits. ${STORES_THAT_COMMIT}`,
    );
  }
  const nowMs = Math.floor(clock.now());
  const commit = { ...writes, nowMs, token: nextToken(execution) };
  const wait = patience(request);
  let mayBeApplied = false;
  for (;;) {
    let written: WriteOutcome | CollidedCommit;
    try {
      written = await store.commit(commit, callOptions(request));
    } catch (error) {
      // A failure does not say whether the send was applied.
      mayBeApplied = true;
      if (isForNow(error) && (await wait())) continue;
      throw error;
    }
    if (!("mayBeApplied" in written)) return written;
    mayBeApplied ||= written.mayBeApplied;
    if (!(await wait())) return { ...written, mayBeApplied };
  }
}

/** Distributes over the kinds of request; `Omit` would merge them into one. */
type Unsent<Request> = Request extends unknown ? Omit<Request, "token" | "nowMs"> : never;
