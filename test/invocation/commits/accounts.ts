import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { TransactWrite } from "../../../lib/index.ts";
import { createTable } from "../../support/table.ts";

/** Two accounts in a table of their own, and the writes that move money between them. */
export interface Accounts {
  readonly tableName: string;
  /** The balances of `from` and `to`. */
  readonly balances: () => Promise<readonly [from: number, to: number]>;
  /** Debits and credits, if there is enough. */
  readonly move: (amount: number) => TransactWrite[];
}

export async function openAccounts(client: DynamoDBClient): Promise<Accounts> {
  const tableName = await createTable(client);
  for (const id of ["from", "to"]) {
    const Item = { id: { S: id }, balance: { N: "100" } };
    await client.send(new PutItemCommand({ TableName: tableName, Item }));
  }
  const readBalance = async (id: string) => {
    const Key = { id: { S: id } };
    const input = { TableName: tableName, Key, ConsistentRead: true };
    return Number((await client.send(new GetItemCommand(input))).Item?.balance?.N);
  };
  return {
    tableName,
    balances: async () => [await readBalance("from"), await readBalance("to")],
    move: (amount) => [
      {
        Update: {
          TableName: tableName,
          Key: { id: "from" },
          UpdateExpression: "SET balance = balance - :amount",
          ConditionExpression: "balance >= :amount",
          ExpressionAttributeValues: { ":amount": amount },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      {
        Update: {
          TableName: tableName,
          Key: { id: "to" },
          UpdateExpression: "SET balance = balance + :amount",
          ExpressionAttributeValues: { ":amount": amount },
        },
      },
    ],
  };
}
