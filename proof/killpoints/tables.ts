import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  ScanCommand,
} from "@aws-sdk/lib-dynamodb";
import { DUE_INDEX } from "../../lib/dynamodb/abandoned.ts";
import type { TableDefinition } from "../../local/assembly/tables.ts";
import type { Item } from "./rules.ts";

/** The tables of one lane, named by their content. */
export interface TableNames {
  readonly records: string;
  readonly ledger: string;
  readonly tokens: string;
}

/** The sample's tables, without TTL: the engine's clock differs from the functions' clock. */
export function defineTables({ records, ledger, tokens }: TableNames): TableDefinition[] {
  const { create, ...recordTable } = defineTable(records, "id");
  const withIndex = {
    ...create,
    AttributeDefinitions: [
      ...(create.AttributeDefinitions ?? []),
      { AttributeName: "function", AttributeType: "S" as const },
      { AttributeName: "due", AttributeType: "N" as const },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: "function", KeyType: "HASH" as const },
          { AttributeName: "due", KeyType: "RANGE" as const },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" as const },
      },
    ],
  };
  return [
    { ...recordTable, create: withIndex },
    defineTable(ledger, "id"),
    defineTable(tokens, "tokenDigest"),
  ];
}

/** A table with one key, for texts. */
export function defineTable(name: string, key: string): TableDefinition {
  return {
    logicalId: name,
    name,
    create: {
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: key, AttributeType: "S" }],
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
    },
  };
}

/** Reads all items of a table. */
export async function readItems(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const documents = DynamoDBDocumentClient.from(client);
  const { Items = [] } = await documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items;
}

/** Deletes all items of a table; a table has few. */
export async function emptyTable(client: DynamoDBClient, name: string, key: string): Promise<void> {
  const items = await readItems(client, name);
  if (items.length === 0) return;
  const requests = items.map((item) => ({ DeleteRequest: { Key: { [key]: item[key] } } }));
  const RequestItems = { [name]: requests };
  await DynamoDBDocumentClient.from(client).send(new BatchWriteCommand({ RequestItems }));
}

/** Puts an item into a table, in place of the one with the same key. */
export async function putItem(
  client: DynamoDBClient,
  TableName: string,
  Item: Item,
): Promise<void> {
  await DynamoDBDocumentClient.from(client).send(new PutCommand({ TableName, Item }));
}
