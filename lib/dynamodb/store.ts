import {
  type ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { aText, check, oneOf, optional, type Requirements } from "../checks/requirements.ts";
import { CommitRefused } from "../errors.ts";
import type {
  CallOptions,
  CheckpointRequest,
  ClaimRequest,
  CollidedCommit,
  CommitRequest,
  CompleteRequest,
  RefusedWrite,
  Store,
  WriteOutcome,
} from "../protocol/store.ts";
import { callError, commitError } from "./call-error.ts";
import { judgeCancellation } from "./cancellation.ts";
import { claimRequest } from "./claim-request.ts";
import { boundedClient } from "./client.ts";
import {
  checkpointRequest,
  completeRequest,
  extendRequest,
  freeRequest,
  markRequest,
  readRequest,
  releaseRequest,
} from "./expressions.ts";
import { claimedRecord, type Item, readItem } from "./item.ts";
import { canonicalItem, type LayoutOptions, tableLayout } from "./layout.ts";
import { layoutFor } from "./layout-variable.ts";
import { boundedSender, onlyWithTime } from "./send.ts";
import { commitRequest } from "./transaction.ts";
import { plainItem, VALUE_OPTIONS, type ValueOptions } from "./values.ts";

/** The place and form of the records of `dynamoDbStore`. */
export interface DynamoDbStoreOptions extends LayoutOptions {
  /**
   * The table: partition key `id` (string), TTL on `expiresAt`. `IdempotencyTable` makes one. For a
   * table of another form see `keyAttributes` and `attributes`. For the table in the variable
   * IDEMPOTENCY_TABLE the layout comes from IDEMPOTENCY_TABLE_LAYOUT, which
   * `IdempotencyTable.protect` sets.
   */
  readonly tableName: string;
  /**
   * The client that sends the requests. Give it `maxAttempts` and a `requestTimeout` that throws.
   * With any client, no call takes longer than 30 seconds, or than the invocation lasts.
   * @default boundedClient(): 3 attempts of at most 2 seconds each
   */
  readonly client?: DynamoDBClient;
  /**
   * Whether the table replicates to other Regions with strong consistency. DynamoDB has no
   * transactions on such tables, so the store refuses to commit, before anything is sent.
   * @default "none"
   */
  readonly multiRegionConsistency?: "none" | "strong";
  /**
   * How the values in the writes of a commit become DynamoDB's: as in the `marshallOptions` of your
   * `DynamoDBDocumentClient`, so that a write means the same through both.
   * @default {}: `undefined`, class instances and empty sets are refused, with the name of the
   *   option
   */
  readonly marshallOptions?: ValueOptions;
}

/**
 * Records in a DynamoDB table. Make one store when the function starts, and share it.
 *
 * Needs `dynamodb:UpdateItem` on the table, and `dynamodb:GetItem` if a profile waits for the
 * request in flight, with `claimAt: "commit"`, with `readFirst` and with `validate`.
 *
 * @throws ConfigurationError if an option is missing or unknown.
 * @example
 * const store = dynamoDbStore({ tableName: "idempotency" });
 */
export function dynamoDbStore(options: DynamoDbStoreOptions): Store {
  check<DynamoDbStoreOptions>("dynamoDbStore", options, REQUIREMENTS);
  const { tableName, client = boundedClient() } = options;
  const layout = tableLayout("dynamoDbStore", tableName, layoutFor(tableName, options));
  const target = { layout, client };
  const readRecord = (item: Item) => readItem(canonicalItem(layout, item));
  const { marshallOptions = {} } = options;
  check("dynamoDbStore: marshallOptions", marshallOptions, VALUE_REQUIREMENTS);
  const sendBounded = boundedSender(client);

  const claimInput = buildOnce((request: ClaimRequest) => claimRequest(layout, request));
  const completeInput = buildOnce((request: CompleteRequest) => completeRequest(layout, request));
  const checkpointInput = buildOnce((request: CheckpointRequest) =>
    checkpointRequest(layout, request),
  );
  const commitInput = buildOnce((request: CommitRequest) =>
    commitRequest(layout, request, marshallOptions),
  );

  /** Sends a conditional write. A condition that fails is a value, not an error. */
  async function update(
    input: UpdateItemCommandInput,
    options: CallOptions = {},
  ): Promise<{ applied: true; item: Item | undefined } | RefusedWrite> {
    try {
      const command = onlyWithTime(new UpdateItemCommand(input), options);
      const { Attributes } = await sendBounded(options.timeoutMs, (bounds) =>
        client.send(command, bounds),
      );
      return { applied: true, item: Attributes };
    } catch (error) {
      const { name, Item } = Object(error) as Partial<ConditionalCheckFailedException>;
      if (name !== "ConditionalCheckFailedException") throw await callError(target, error);
      return { applied: false, record: Item && readRecord(Item) };
    }
  }

  async function write(
    input: UpdateItemCommandInput,
    options?: CallOptions,
  ): Promise<WriteOutcome> {
    const updated = await update(input, options);
    return updated.applied ? { applied: true } : updated;
  }

  /** Sends a commit. A collision, and a record in the way, are values as well. */
  async function commit(
    request: CommitRequest,
    options: CallOptions = {},
  ): Promise<WriteOutcome | CollidedCommit> {
    const input = commitInput(request);
    try {
      const command = onlyWithTime(new TransactWriteItemsCommand(input), options);
      await sendBounded(options.timeoutMs, (bounds) => client.send(command, bounds));
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
          throw new CommitRefused(index, item && plainItem(item));
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
      const written = await update(claimInput(request), options);
      return written.applied
        ? {
            applied: true,
            record: claimedRecord(request, written.item && canonicalItem(layout, written.item)),
          }
        : written;
    },
    complete: (request, options) => write(completeInput(request), options),
    mark: (request, options) => write(markRequest(layout, request), options),
    checkpoint: (request, options) => write(checkpointInput(request), options),
    release: (request, options) => write(releaseRequest(layout, request), options),
    free: (request, options) => write(freeRequest(layout, request), options),
    extend: (request, options) => write(extendRequest(layout, request), options),
    async read(id, options = {}) {
      const input = readRequest(layout, id, options.consistency);
      try {
        const command = onlyWithTime(new GetItemCommand(input), options);
        const { Item } = await sendBounded(options.timeoutMs, (bounds) =>
          client.send(command, bounds),
        );
        return Item && readRecord(Item);
      } catch (error) {
        throw await callError(target, error);
      }
    },
  };
}

/**
 * Builds each request once for all its sends. It is marshalled and compressed once, and a handler
 * that changes its writes meanwhile changes no later send under the same token.
 */
function buildOnce<Request extends object, Input>(build: (request: Request) => Input) {
  const inputs = new WeakMap<Request, Input>();
  return (request: Request): Input => {
    const input = inputs.get(request) ?? build(request);
    inputs.set(request, input);
    return input;
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
  // `tableLayout` checks these two, name by name.
  keyAttributes: optional([() => true, ""]),
  attributes: optional([() => true, ""]),
  marshallOptions: optional([(value) => typeof value === "object" && value !== null, "an object"]),
};

/** The other option of a document client is accepted too; here the container is never wrapped. */
const VALUE_REQUIREMENTS = Object.fromEntries(
  [...VALUE_OPTIONS, "convertTopLevelContainer"].map((name) => [
    name,
    optional([(value) => typeof value === "boolean", "true or false"] as const),
  ]),
);
