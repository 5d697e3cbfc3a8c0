import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  attemptRequest,
  COMPLETER_OWNER,
  type DueClaim,
  dueClaimIn,
  dueRequest,
  postponeRequest,
  releaseUnbegunRequest,
  stuckCountRequest,
  stuckRequest,
  unknownRequest,
} from "./abandoned.ts";
import { callError } from "./call-error.ts";
import { setAsidePartition } from "./due-partition.ts";
import { readRequest } from "./expressions.ts";
import { facts } from "./failure.ts";
import type { Item } from "./item.ts";
import { canonicalItem, type TableLayout } from "./layout.ts";
import { boundedSender, type SendOptions } from "./send.ts";

/** The records of a completer. Each call rejects as those of a store do. */
export interface DueRecords {
  /** The ids of a page of claims that may be abandoned, and the start of the next page. */
  page(
    partition: string,
    nowMs: number,
    limit: number,
    startKey: Item | undefined,
  ): Promise<{ readonly ids: readonly string[]; readonly nextKey: Item | undefined }>;
  /** The claim of a record that a completer may have to finish; `undefined` if it has ended. */
  find(id: string): Promise<DueClaim | undefined>;
  /** The number of stuck records of a function; as many as one page of the index has. */
  countStuck(name: string): Promise<number>;
  /*
   * Each of the following returns whether the write was applied; if not, another execution was
   * faster.
   */
  /** Releases a claim under which nothing has begun. */
  release(claim: DueClaim, nowMs: number): Promise<boolean>;
  /** Gives the outcome up. */
  giveUp(claim: DueClaim, name: string, nowMs: number): Promise<boolean>;
  /** Ends the completer's attempts. */
  markStuck(claim: DueClaim, name: string, nowMs: number): Promise<boolean>;
  /** Counts an attempt, and lets no other begin before `dueMs`. */
  beginAttempt(claim: DueClaim, nowMs: number, dueMs: number): Promise<boolean>;
  /** Moves the next attempt. */
  postpone(claim: DueClaim, dueMs: number): Promise<boolean>;
}

/** Sends one request, and sends it again if that helps. */
export type Patiently = <Output>(send: () => Promise<Output>) => Promise<Output>;

/** The due records of a table, for a completer. */
export function dueRecords(
  client: DynamoDBClient,
  layout: TableLayout,
  patiently: Patiently,
): DueRecords {
  const sendBounded = boundedSender(client);

  function call<Output>(send: (options: SendOptions) => Promise<Output>): Promise<Output> {
    return patiently(async () => {
      try {
        return await sendBounded(undefined, send);
      } catch (error) {
        if (facts(error).name === "ConditionalCheckFailedException") throw error;
        throw await callError({ layout, client }, error);
      }
    });
  }

  /** @param isDone whether the record in the way says that an earlier send was applied. */
  async function write(
    input: UpdateItemCommandInput,
    // Stryker disable next-line ArrowFunction,BooleanLiteral: no caller needs the result of a postponement
    isDone: (record: Item) => boolean = () => false,
  ): Promise<boolean> {
    try {
      await call((options) => client.send(new UpdateItemCommand(input), options));
      return true;
    } catch (error) {
      if (facts(error).name !== "ConditionalCheckFailedException") throw error;
      const { Item: item } = error as { readonly Item?: Item };
      return item !== undefined && isDone(canonicalItem(layout, item));
    }
  }

  return {
    async page(partition, nowMs, limit, startKey) {
      const input = { ...dueRequest(layout, partition, nowMs, startKey), Limit: limit };
      const found = await call((options) => client.send(new QueryCommand(input), options));
      // Stryker disable next-line ArrayDeclaration: a query always has items
      const items = (found.Items ?? []).map((item) => canonicalItem(layout, item));
      // Stryker disable next-line ArrayDeclaration,OptionalChaining: every item has its key
      return { ids: items.flatMap(({ id }) => id?.S ?? []), nextKey: found.LastEvaluatedKey };
    },
    async find(id) {
      const input = readRequest(layout, id);
      const { Item: item } = await call((options) =>
        client.send(new GetItemCommand(input), options),
      );
      return dueClaimIn(item && canonicalItem(layout, item));
    },
    async countStuck(name) {
      const input = stuckCountRequest(layout, name);
      const { Count = 0 } = await call((options) => client.send(new QueryCommand(input), options));
      return Count;
    },
    release: (claim, nowMs) =>
      write(
        releaseUnbegunRequest(layout, claim, nowMs),
        ({ owner, fence }) => owner?.S === COMPLETER_OWNER && fence?.N === String(claim.fence + 1),
      ),
    // An outcome given up without notice is worse than one reported twice.
    giveUp: (claim, name, nowMs) =>
      write(
        unknownRequest(layout, claim, name, nowMs),
        (record) => record.state?.S === "UNKNOWN" && isOf(record, claim),
      ),
    markStuck: (claim, name, nowMs) =>
      write(
        stuckRequest(layout, claim, name, nowMs),
        (record) => record.function?.S === setAsidePartition(name, "stuck") && isOf(record, claim),
      ),
    // A refusal cannot tell this completer's lost reply from another completer. The next run tries.
    beginAttempt: (claim, nowMs, dueMs) => write(attemptRequest(layout, claim, nowMs, dueMs)),
    postpone: (claim, dueMs) => write(postponeRequest(layout, claim, dueMs)),
  };
}

function isOf({ owner, fence }: Item, claim: DueClaim): boolean {
  return owner?.S === claim.owner && fence?.N === String(claim.fence);
}
