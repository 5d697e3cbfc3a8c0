import type { Database } from "../../lib/testing/engine/database.ts";

/** The table of the layer. */
export const RECORDS = "records";

/** The table of the business. */
export const LEDGER = "ledger";

/** Creates both tables, that of the layer with its index of what is due. */
export function createTables(engine: Database): void {
  const id = { AttributeName: "id", AttributeType: "S" };
  const own = { KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] };
  engine.carryOut("CreateTable", { ...own, TableName: LEDGER, AttributeDefinitions: [id] });
  engine.carryOut("CreateTable", {
    ...{ ...own, TableName: RECORDS },
    AttributeDefinitions: [
      id,
      { AttributeName: "function", AttributeType: "S" },
      { AttributeName: "due", AttributeType: "N" },
    ],
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
  });
}
