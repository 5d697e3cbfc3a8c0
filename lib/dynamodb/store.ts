import {
  type ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { CommitError, CommitRefused, RecordError, StoreError } from "../errors.ts";
import type {
  CallOptions,
  Collided,
  CommitRequest,
  Refused,
  Store,
  Written,
} from "../protocol/store.ts";
import { aText, check, oneOf, optional, type Requirements } from "../requirements.ts";
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
import { facts, judgeFailure } from "./failure.ts";
import { claimedRecord, type Item, readItem } from "./item.ts";
import { boundedSender } from "./send.ts";
import { commitRequest } from "./transaction.ts";

/** Where `dynamoDbStore` keeps its records. */
export interface DynamoDbStoreOptions {
  /** The table: partition key `id` (string), TTL on `expiresAt`. `IdempotencyTable` makes one. */
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
  const { tableName, client = boundedClient() } = options;
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
      if (name !== "ConditionalCheckFailedException") throw storeError(input, error);
      return { applied: false, record: Item && readItem(Item) };
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
    const input = commitRequest(tableName, request);
    try {
      const command = new TransactWriteItemsCommand(input);
      await within(options.timeoutMs, (bounds) => client.send(command, bounds));
      return { applied: true };
    } catch (error) {
      const cancellation = judgeCancellation(error);
      switch (cancellation.kind) {
        case "record":
          return { applied: false, record: cancellation.item && readItem(cancellation.item) };
        case "collision":
          return { applied: false, mayBeApplied: cancellation.mayBeApplied };
        case "business": {
          const { index, item } = cancellation;
          throw new CommitRefused(index, item && unmarshall(item));
        }
        case "invalid":
          throw new CommitError(`commit: ${cancellation.message}`, error);
        case "unknown":
          throw storeError({ TableName: tableName }, error);
      }
    }
  }

  return {
    ...(options.multiRegionConsistency === "strong" ? {} : { commit }),
    async claim(request, options) {
      const written = await update(claimRequest(tableName, request), options);
      return written.applied
        ? { applied: true, record: claimedRecord(request, written.item) }
        : written;
    },
    complete: (request, options) => write(completeRequest(tableName, request), options),
    checkpoint: (request, options) => write(checkpointRequest(tableName, request), options),
    release: (request, options) => write(releaseRequest(tableName, request), options),
    free: (request, options) => write(freeRequest(tableName, request), options),
    extend: (request, options) => write(extendRequest(tableName, request), options),
    async read(id, options = {}) {
      const input = readRequest(tableName, id, options.consistency);
      try {
        const command = new GetItemCommand(input);
        const { Item } = await within(options.timeoutMs, (bounds) => client.send(command, bounds));
        return Item && readItem(Item);
      } catch (error) {
        throw storeError(input, error);
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
};

/** Names the cause, because what an operator can mend (a name, a permission) stands in it. */
function storeError({ TableName }: { TableName: string | undefined }, cause: unknown): unknown {
  if (cause instanceof RecordError) return cause;
  const { name, message } = facts(cause);
  const failure = judgeFailure(cause);
  const did = failure === "unanswered" ? "did not answer" : "did not carry the request out";
  return new StoreError(
    `DynamoDB table "${TableName}" ${did}: ${name}: ${message}`,
    cause,
    failure,
  );
}
