import { randomUUID } from "node:crypto";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A client for an engine on this machine. It does not retry: tests inject what goes wrong. */
export function clientOf(engine: { endpoint: string }, maxAttempts = 1): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts,
  });
}

/**
 * Creates a table as `IdempotencyTable` deploys it, with the index of what is due, but without TTL:
 * no engine's clock is ours.
 */
export async function createTable(client: DynamoDBClient): Promise<string> {
  const TableName = `records-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "function", AttributeType: "S" },
        { AttributeName: "due", AttributeType: "N" },
      ],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "due",
          KeySchema: [
            { AttributeName: "function", KeyType: "HASH" },
            { AttributeName: "due", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
  return TableName;
}
