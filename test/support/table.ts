import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { type LayoutOptions, RECORD_ATTRIBUTES, tableLayout } from "../../lib/dynamodb/layout.ts";

/** The table "records", as `IdempotencyTable` makes it. */
export const RECORDS = tableLayout("test", "records");

/** A table that holds other items as well, with other names for all attributes. */
export const SHARED_TABLE = {
  keyAttributes: {
    partitionKey: "pk",
    sortKey: { name: "sk", value: "IDEMPOTENCY" },
    prefix: "IDEMPOTENCY#",
  },
  attributes: Object.fromEntries(
    RECORD_ATTRIBUTES.map((name) => [name, name === "expiresAt" ? "ttl" : `${name}-of-record`]),
  ),
} satisfies LayoutOptions;

/**
 * A client for an engine on this machine. It does not retry, because tests inject the faults.
 *
 * @param requestHandler the connections of another client; `undefined` = its own.
 */
export function clientOf(
  engine: { endpoint: string },
  maxAttempts = 1,
  requestHandler?: DynamoDBClient["config"]["requestHandler"],
): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts,
    ...(requestHandler && { requestHandler }),
  });
}

/**
 * Creates a table as `IdempotencyTable` deploys it, with the index `due` and without TTL: no engine
 * runs on the clock of a test.
 */
export async function createTable(
  client: DynamoDBClient,
  options: LayoutOptions = {},
): Promise<string> {
  const TableName = `records-${randomUUID()}`;
  await client.send(new CreateTableCommand(recordsTable(TableName, options)));
  return TableName;
}

/** The request that creates such a table. */
export function recordsTable(
  TableName: string,
  options: LayoutOptions = {},
): CreateTableCommandInput {
  const { partitionKey, sortKey, names } = tableLayout("test", TableName, options);
  const functionName = names.get("function");
  const due = names.get("due");
  return {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: partitionKey, AttributeType: "S" },
      ...(sortKey ? [{ AttributeName: sortKey.name, AttributeType: "S" as const }] : []),
      { AttributeName: functionName, AttributeType: "S" },
      { AttributeName: due, AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: partitionKey, KeyType: "HASH" },
      ...(sortKey ? [{ AttributeName: sortKey.name, KeyType: "RANGE" as const }] : []),
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "due",
        KeySchema: [
          { AttributeName: functionName, KeyType: "HASH" },
          { AttributeName: due, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  };
}
