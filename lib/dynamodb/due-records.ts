import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import {
  type DueClaim,
  dueClaimIn,
  dueRequest,
  postponeRequest,
  unknownRequest,
} from "./abandoned.ts";
import { callError } from "./call-error.ts";
import { readRequest } from "./expressions.ts";
import { facts } from "./failure.ts";
import type { Item } from "./item.ts";
import { canonicalItem, type TableLayout } from "./layout.ts";
import { boundedSender, type SendOptions } from "./send.ts";

/** The records of a completer. Each call rejects as those of a store do. */
export interface DueRecords {
  /** The ids of a page of claims that may be abandoned, and the start of the next page. */
  page(
    functionName: string,
    nowMs: number,
    limit: number,
    startKey: Item | undefined,
  ): Promise<{ readonly ids: readonly string[]; readonly nextKey: Item | undefined }>;
  /** The claim of a record that a completer may have to finish; `undefined` if it has ended. */
  find(id: string): Promise<DueClaim | undefined>;
  /** @returns whether the write was applied; if not, another execution was faster. */
  giveUp(claim: DueClaim, nowMs: number): Promise<boolean>;
  /** @returns whether the write was applied; if not, another execution was faster. */
  postpone(claim: DueClaim, attempts: number, dueMs: number): Promise<boolean>;
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
    async page(functionName, nowMs, limit, startKey) {
      const input = { ...dueRequest(layout, functionName, nowMs, startKey), Limit: limit };
      const found = await call((options) => client.send(new QueryCommand(input), options));
      const items = (found.Items ?? []).map((item) => canonicalItem(layout, item));
      return { ids: items.flatMap(({ id }) => id?.S ?? []), nextKey: found.LastEvaluatedKey };
    },
    async find(id) {
      const input = readRequest(layout, id);
      const { Item: item } = await call((options) =>
        client.send(new GetItemCommand(input), options),
      );
      return dueClaimIn(item && canonicalItem(layout, item));
    },
    // An outcome given up without notice is worse than one reported twice.
    giveUp: (claim, nowMs) =>
      write(
        unknownRequest(layout, claim, nowMs),
        ({ state, owner }) => state?.S === "UNKNOWN" && owner?.S === claim.owner,
      ),
    postpone: (claim, attempts, dueMs) => write(postponeRequest(layout, claim, attempts, dueMs)),
  };
}
