import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { TransactWrite } from "../../lib/index.ts";
import { createTable } from "../support/table.ts";

/** A payment in a ledger, written in the transaction of a commit or of a step. */
export interface Payment {
  readonly id: string;
  readonly atMs: number;
  /** The events at which its execution began, and at which it was made. */
  readonly began?: number;
  readonly event?: number;
}

/** Payments by account, so that a test can count the effects of each request. */
export interface Ledger {
  readonly pay: (account: string, payment: Payment) => TransactWrite[];
  readonly payments: (account: string) => Promise<readonly Payment[]>;
}

export async function openLedger(client: DynamoDBClient): Promise<Ledger> {
  const TableName = await createTable(client);
  return {
    pay: (account, payment) => [
      {
        Update: {
          TableName,
          Key: { id: account },
          UpdateExpression: "SET payments = list_append(if_not_exists(payments, :none), :payment)",
          ExpressionAttributeValues: { ":none": [], ":payment": [payment] },
        },
      },
    ],
    async payments(account) {
      const Key = { id: { S: account } };
      const input = { TableName, Key, ConsistentRead: true };
      const { Item } = await client.send(new GetItemCommand(input));
      return Item === undefined ? [] : (unmarshall(Item).payments as readonly Payment[]);
    },
  };
}
