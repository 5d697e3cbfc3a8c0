import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "../../local/engine.ts";
import { createTables, localClient } from "../../local/tables.ts";
import { openAccounts } from "../arms/business.ts";
import type { Tables } from "../requests/stage.ts";

/** An engine with the tables of the benchmark on it. */
export interface EngineUnderTest {
  readonly name: string;
  readonly endpoint: string;
  readonly tables: Tables;
  /** A client outside the measured path. */
  readonly direct: DynamoDBClient;
  close(): Promise<void>;
}

export async function startEngineUnderTest(): Promise<EngineUnderTest> {
  const engine = await startEngine();
  const tables = { records: "records", ledger: "ledger" };
  await createTables(engine.endpoint, Object.values(tables).map(defineTable));
  const direct = localClient(engine.endpoint);
  await openAccounts(direct, tables.ledger);
  return {
    name: engine.name,
    endpoint: engine.endpoint,
    tables,
    direct,
    async close() {
      direct.destroy();
      await engine.close();
    },
  };
}

/** A table with the key `id`, which both libraries expect. */
export function defineTable(name: string) {
  return {
    logicalId: name,
    name,
    create: {
      TableName: name,
      BillingMode: "PAY_PER_REQUEST" as const,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
    },
  };
}
