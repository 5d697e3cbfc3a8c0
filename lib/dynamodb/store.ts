import {
  type ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { CommitRefused } from "../errors.ts";
import type {
  CallOptions,
  Collided,
  CommitRequest,
  Refused,
  Store,
  Written,
} from "../protocol/store.ts";
import { aText, check, oneOf, optional, type Requirements } from "../requirements.ts";
import { callError, commitError } from "./call-error.ts";
import { judgeCancellation } from "./cancellation.ts";
import { boundedClient } from "./client.ts";
import {
  checkpointRequest,
  claimRequest,
  completeRequest,
  extendRequest,
  freeRequest,
  readRequest,
  releaseRequest,
} from "./expressions.ts";
import { claimedRecord, type Item, readItem } from "./item.ts";
import { canonicalItem, type LayoutOptions, tableLayout } from "./layout.ts";
import { boundedSender } from "./send.ts";
import { commitRequest } from "./transaction.ts";

/** Where `dynamoDbStore` keeps its records. */
export interface DynamoDbStoreOptions extends LayoutOptions {
  /**
   * The table: partition key `id` (string), TTL on `expiresAt`. `IdempotencyTable` makes one. For a
   * table of another form see `keyAttributes` and `attributes`.
   */
  readonly tableName: string;
  /**
   * The client that sends the requests. Give it `maxAttempts` and a `requestTimeout` that throws;
   * whatever it does, no call is waited for longer than 30 seconds, or than the invocation lasts.
   * @default boundedClient(): 3 attempts of at most 2 seconds each
   */
  readonly client?: DynamoDBClient;
  /**
   * Whether the table replicates to other Regions with strong consistency. DynamoDB has no
   * transactions on such tables, so the store then refuses to commit, before anything is sent.
   * @default "none"
   */
  readonly multiRegionConsistency?: "none" | "strong";
}

/**
 * Records in a DynamoDB table. Make one when the function starts, and share it.
 *
 * Needs `dynamodb:UpdateItem` on the table, and `dynamodb:GetItem` where a profile waits for the
 * request in flight, in mode `once`, and with `readFirst`.
 *
 * @throws ConfigurationError if an option is missing or unknown.
 * @example
 * const store = dynamoDbStore({ tableName: "idempotency" });
 */
export function dynamoDbStore(options: DynamoDbStoreOptions): Store {
  check<DynamoDbStoreOptions>("dynamoDbStore", options, REQUIREMENTS);
  const { client = boundedClient() } = options;
  const layout = tableLayout("dynamoDbStore", options.tableName, options);
  const target = { layout, client };
  const readRecord = (item: Item) => readItem(canonicalItem(layout, item));
  const within = boundedSender(client);

  /** Sends a conditional write. A condition that does not hold is a value, not an error. */
  async function update(
    input: UpdateItemCommandInput,
    options: CallOptions = {},
  ): Promise<{ applied: true; item: Item | undefined } | Refused> {
    try {
      const command = new UpdateItemCommand(input);
      const { Attributes } = await within(options.timeoutMs, (bounds) =>
        client.send(command, bounds),
      );
      return { applied: true, item: Attributes };
    } catch (error) {
      const { name, Item } = Object(error) as Partial<ConditionalCheckFailedException>;
      if (name !== "ConditionalCheckFailedException") throw await callError(target, error);
      return { applied: false, record: Item && readRecord(Item) };
    }
  }

  async function write(input: UpdateItemCommandInput, options?: CallOptions): Promise<Written> {
    const updated = await update(input, options);
    return updated.applied ? { applied: true } : updated;
  }

  /** Sends a commit. A collision, and a record in the way, are values as well. */
  async function commit(
    request: CommitRequest,
    options: CallOptions = {},
  ): Promise<Written | Collided> {
    const input = commitRequest(layout, request);
    try {
      const command = new TransactWriteItemsCommand(input);
      await within(options.timeoutMs, (bounds) => client.send(command, bounds));
      return { applied: true };
    } catch (error) {
      const cancellation = judgeCancellation(error);
      switch (cancellation.kind) {
        case "record":
          return { applied: false, record: cancellation.item && readRecord(cancellation.item) };
        case "collision":
          return { applied: false, mayBeApplied: cancellation.mayBeApplied };
        case "business": {
          const { index, item } = cancellation;
          throw new CommitRefused(index, item && unmarshall(item));
        }
        case "invalid":
          throw await commitError(target, input, cancellation.message, error);
        case "unknown":
          throw await callError(target, error);
      }
    }
  }

  return {
    ...(options.multiRegionConsistency === "strong" ? {} : { commit }),
    async claim(request, options) {
      const written = await update(claimRequest(layout, request), options);
      return written.applied
        ? {
            applied: true,
            record: claimedRecord(request, written.item && canonicalItem(layout, written.item)),
          }
        : written;
    },
    complete: (request, options) => write(completeRequest(layout, request), options),
    checkpoint: (request, options) => write(checkpointRequest(layout, request), options),
    release: (request, options) => write(releaseRequest(layout, request), options),
    free: (request, options) => write(freeRequest(layout, request), options),
    extend: (request, options) => write(extendRequest(layout, request), options),
    async read(id, options = {}) {
      const input = readRequest(layout, id, options.consistency);
      try {
        const command = new GetItemCommand(input);
        const { Item } = await within(options.timeoutMs, (bounds) => client.send(command, bounds));
        return Item && readRecord(Item);
      } catch (error) {
        throw await callError(target, error);
      }
    },
  };
}

const REQUIREMENTS: Requirements<DynamoDbStoreOptions> = {
  tableName: [
    aText[0],
    "the name of a DynamoDB table (is the environment variable that holds it set?)",
  ],
  client: optional([
    (value) => typeof (value as { send?: unknown } | null)?.send === "function",
    "a DynamoDBClient",
  ]),
  multiRegionConsistency: optional(oneOf("none", "strong")),
  // Checked by `tableLayout`, name by name.
  keyAttributes: optional([() => true, ""]),
  attributes: optional([() => true, ""]),
};
