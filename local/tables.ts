import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { REGION } from "./assembly/pseudo-parameters.ts";
import type { TableDefinition } from "./assembly/tables.ts";

/** A DynamoDB client for a local engine, which requires a signature and accepts any signature. */
export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}

/** Creates the tables on an engine. An existing table (of an external engine) is used as it is. */
export async function createTables(endpoint: string, tables: TableDefinition[]): Promise<void> {
  const client = localClient(endpoint);
  try {
    for (const table of tables) await createTable(client, table);
  } finally {
    client.destroy();
  }
}

async function createTable(client: DynamoDBClient, table: TableDefinition): Promise<void> {
  try {
    await client.send(new CreateTableCommand(table.create));
  } catch (error) {
    if (error instanceof ResourceInUseException) return;
    throw error;
  }
  if (!table.ttlAttribute) return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: table.name,
      TimeToLiveSpecification: { AttributeName: table.ttlAttribute, Enabled: true },
    }),
  );
}
