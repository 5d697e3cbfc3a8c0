import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { progress } from "../print/progress.ts";

/** DynamoDB's limit for a batch. */
const BATCH = 25;
const PARALLEL = 16;

/** Puts unrelated records into the table, up to this number in all. */
export async function fill(
  client: DynamoDBClient,
  table: string,
  from: number,
  to: number,
): Promise<void> {
  let next = from;
  async function worker(): Promise<void> {
    while (next < to) {
      const first = next;
      next = Math.min(first + BATCH, to);
      const items = Array.from({ length: next - first }, (_, index) => createRecord(first + index));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: items } }));
      if (first % 10_000 < BATCH) progress(`storing records: ${first} of ${to}`);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** A record roughly as both libraries store it. */
function createRecord(index: number) {
  const Item = {
    id: { S: `filler-${index.toString(16).padStart(40, "0")}` },
    state: { S: "COMPLETED" },
    owner: { S: "5f2f6b0e-6a58-4c3c-9d4b-7f6c0a3de111" },
    fingerprint: { S: "Yk3nJp0gq1m6q0n0o5s9b8c7d6e5f4a3b2c1d0e9f8g=" },
    fence: { N: "1764000000000" },
    expiresAt: { N: "1864000000" },
    response: { S: '{"statusCode":201,"body":"{}"}' },
  };
  return { PutRequest: { Item } };
}
