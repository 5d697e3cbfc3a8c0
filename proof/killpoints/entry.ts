import { requiredVariable } from "../../lambda/environment.ts";
import type { TransactWrite } from "../../lib/index.ts";

/** The write of a new item into the ledger; it fails if the item exists. */
export function createEntry(id: string): TransactWrite {
  return {
    Put: {
      TableName: requiredVariable("LEDGER_TABLE"),
      Item: { id },
      ConditionExpression: "attribute_not_exists(id)",
    },
  };
}
