import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { LedgerWrite } from "./write.ts";

/*
 * Accounts: items `account/<id>` {holder, currency, balanceMinor}. The requests are data. Attribute
 * names are aliased throughout, because some are or may become reserved words.
 */

/** An amount that leaves or enters an account. */
export interface Posting {
  readonly account: string;
  /** A positive whole number of the currency's minor units. */
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** Takes an amount from an account if the holder owns it, its currency matches, and its funds suffice. */
export function debit(tableName: string, posting: Posting, holder: string): LedgerWrite {
  return {
    Update: {
      TableName: tableName,
      Key: { id: accountKey(posting.account) },
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
        ":currency": posting.currency,
        ":amount": posting.amountMinor,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** Adds an amount to an account of any holder if its currency matches. */
export function credit(tableName: string, posting: Posting): LedgerWrite {
  return {
    Update: {
      TableName: tableName,
      Key: { id: accountKey(posting.account) },
      UpdateExpression: "SET #balanceMinor = #balanceMinor + :amount",
      // A balance beyond the largest safe integer cannot be read exactly.
      ConditionExpression: "#currency = :currency AND #balanceMinor <= :room",
      ExpressionAttributeNames: { "#currency": "currency", "#balanceMinor": "balanceMinor" },
      ExpressionAttributeValues: {
        ":currency": posting.currency,
        ":amount": posting.amountMinor,
        ":room": Number.MAX_SAFE_INTEGER - posting.amountMinor,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/** A consistent read: a client that has just moved money sees the new balance. */
export function readAccount(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: accountKey(id) }, ConsistentRead: true };
}

/** The key of an account's item. */
export function accountKey(id: string): string {
  return `account/${id}`;
}
