import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";

/** One write of a transaction, in plain JavaScript values. */
export type LedgerWrite = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** Writes a new item: the ledger never overwrites a recorded item. */
export function putNew(tableName: string, item: Readonly<Record<string, unknown>>): LedgerWrite {
  return {
    Put: {
      TableName: tableName,
      Item: item,
      ConditionExpression: "attribute_not_exists(#id)",
      ExpressionAttributeNames: { "#id": "id" },
    },
  };
}
