import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { DUE_INDEX } from "../../lib/dynamodb/abandoned.ts";
import type { TableDefinition } from "../../local/assembly/tables.ts";
import type { Item } from "./rules.ts";

/** The tables of one lane, by what is in them. */
export interface TableNames {
  readonly records: string;
  readonly ledger: string;
  readonly tokens: string;
}

/** The sample's tables, without TTL: the clock of an engine is not the one of the functions. */
export function tablesOf({ records, ledger, tokens }: TableNames): TableDefinition[] {
  const { create, ...recordTable } = tableOf(records, "id");
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
    tableOf(ledger, "id"),
    tableOf(tokens, "tokenDigest"),
  ];
}

function tableOf(name: string, key: string): TableDefinition {
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

/** Everything that is in a table. */
export async function readItems(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const documents = DynamoDBDocumentClient.from(client);
  const { Items = [] } = await documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items;
}

/** Takes everything out of a table; there are few items in one. */
export async function emptyTable(client: DynamoDBClient, name: string, key: string): Promise<void> {
  const items = await readItems(client, name);
  if (items.length === 0) return;
  const requests = items.map((item) => ({ DeleteRequest: { Key: { [key]: item[key] } } }));
  const RequestItems = { [name]: requests };
  await DynamoDBDocumentClient.from(client).send(new BatchWriteCommand({ RequestItems }));
}
