import type { GetCommandInput, TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Transfer } from "./transfer.ts";

/*
 * The ledger's requests, as data. Items: `account/<id>` {holder, currency, balanceMinor} and
 * `transfer/<id>` {holder, from, to, amountMinor, currency, createdAt}. Attribute names are aliased
 * throughout, because `from` and `to` are or may become reserved words.
 */

/** Where each part of `transferTransaction` is found in DynamoDB's list of cancellation reasons. */
export const PARTS = ["entry", "debit", "credit"] as const;

/**
 * One transfer: all of its parts, or none. A part that refuses hands back the item that stood in
 * the way, except for the entry, which is read by itself.
 *
 * @param token the same over every send of this transfer.
 */
export function transferTransaction(
  tableName: string,
  { id, from, to, amountMinor, currency, createdAt }: Transfer,
  holder: string,
  token: string,
): TransactWriteCommandInput {
  const entry = {
    Put: {
      TableName: tableName,
      Item: { id: transferKey(id), holder, from, to, amountMinor, currency, createdAt },
      ConditionExpression: "attribute_not_exists(#id)",
      ExpressionAttributeNames: { "#id": "id" },
    },
  };
  const debit = {
    Update: {
      TableName: tableName,
      Key: { id: accountKey(from) },
      UpdateExpression: "SET #balanceMinor = #balanceMinor - :amount",
      ConditionExpression:
        "#holder = :holder AND #currency = :currency AND #balanceMinor >= :amount",
      ExpressionAttributeNames: {
        "#holder": "holder",
        "#currency": "currency",
        "#balanceMinor": "balanceMinor",
      },
      ExpressionAttributeValues: {
        ":holder": holder,
        ":currency": currency,
        ":amount": amountMinor,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    },
  };
  const credit = {
    Update: {
      TableName: tableName,
      Key: { id: accountKey(to) },
      UpdateExpression: "SET #balanceMinor = #balanceMinor + :amount",
      // Beyond the largest safe integer the balance could no longer be read exactly.
      ConditionExpression: "#currency = :currency AND #balanceMinor <= :room",
      ExpressionAttributeNames: { "#currency": "currency", "#balanceMinor": "balanceMinor" },
      ExpressionAttributeValues: {
        ":currency": currency,
        ":amount": amountMinor,
        ":room": Number.MAX_SAFE_INTEGER - amountMinor,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    },
  };
  const parts = { entry, debit, credit };
  return { ClientRequestToken: token, TransactItems: PARTS.map((part) => parts[part]) };
}

/** Consistent, because it decides whether money has moved. */
export function readTransfer(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: transferKey(id) }, ConsistentRead: true };
}

/** Consistent, so that who has just transferred sees the new balance. */
export function readAccount(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: accountKey(id) }, ConsistentRead: true };
}

/** The key of an account's item. */
export function accountKey(id: string): string {
  return `account/${id}`;
}

function transferKey(id: string): string {
  return `transfer/${id}`;
}
