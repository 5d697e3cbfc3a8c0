import { requiredVariable } from "../../lambda/environment.ts";
import type { TransactWrite } from "../../lib/index.ts";

/** The write of an item into the ledger, which must not be there. */
export function entryOf(id: string): TransactWrite {
  return {
    Put: {
      TableName: requiredVariable("LEDGER_TABLE"),
      Item: { id },
      ConditionExpression: "attribute_not_exists(id)",
    },
  };
}
