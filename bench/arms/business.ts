import { randomUUID } from "node:crypto";
import {
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { TransactWrite } from "../../lib/index.ts";

/** The business of the handlers: they move money, and count their executions. */
export interface Business {
  /** The number of executions that have begun. */
  readonly executions: () => number;
  /** The outside effect, which is immediate unless `hangNext` was called. */
  readonly effect: () => Promise<void>;
  /** The writes of a transfer: a debit, a credit, an entry. */
  readonly writes: () => TransactWrite[];
  /** Makes the next effect hang until `letGo` is called; resolves when the effect has begun. */
  readonly hangNext: () => Promise<void>;
  readonly letGo: () => void;
}

const ACCOUNTS = ["alice", "bob"];

/** Opens the accounts for the transfers. */
export async function openAccounts(client: DynamoDBClient, ledger: string): Promise<void> {
  for (const id of ACCOUNTS) {
    const Item = marshall({ id, balanceMinor: 1_000_000_000_000 });
    await client.send(new PutItemCommand({ TableName: ledger, Item }));
  }
}

export function createBusiness(ledger: string): Business {
  let executions = 0;
  let begin: (() => void) | undefined;
  let end = () => {};
  const change = (id: string | undefined, operator: "+" | "-"): TransactWrite => ({
    Update: {
      TableName: ledger,
      Key: { id },
      UpdateExpression: `SET balanceMinor = balanceMinor ${operator} :amount`,
      ConditionExpression: operator === "-" ? "balanceMinor >= :amount" : "attribute_exists(id)",
      ExpressionAttributeValues: { ":amount": 25 },
    },
  });
  return {
    executions: () => executions,
    effect() {
      executions += 1;
      if (begin === undefined) return Promise.resolve();
      begin();
      begin = undefined;
      return new Promise((resolve) => {
        end = resolve;
      });
    },
    writes() {
      executions += 1;
      const [from, to] = ACCOUNTS;
      const entry = { id: randomUUID(), from, to, amountMinor: 25 };
      return [
        change(from, "-"),
        change(to, "+"),
        {
          Put: { TableName: ledger, Item: entry, ConditionExpression: "attribute_not_exists(id)" },
        },
      ];
    },
    hangNext: () =>
      new Promise((begun) => {
        begin = begun;
      }),
    letGo: () => end(),
  };
}

/** Moves the money without a library, in one transaction. */
export async function transact(client: DynamoDBClient, writes: TransactWrite[]): Promise<void> {
  const TransactItems = writes.map(
    (write) =>
      Object.fromEntries(
        Object.entries(write).map(([kind, part]) => [kind, marshallMembers(part)]),
      ) as TransactWriteItem,
  );
  await client.send(new TransactWriteItemsCommand({ TransactItems }));
}

function marshallMembers(part: object): object {
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      typeof value === "object" ? marshall(value) : value,
    ]),
  );
}
