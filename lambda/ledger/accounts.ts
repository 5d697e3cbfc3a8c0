import type { GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { LedgerWrite } from "./write.ts";

/*
 * Accounts: items `account/<id>` {holder, currency, balanceMinor}. The requests are data. Attribute
 * names are aliased throughout, because some are or may become reserved words.
 */

/** An amount that leaves an account or comes to it. */
export interface Posting {
  readonly account: string;
  /** A positive whole number of the currency's minor units. */
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** Takes an amount from an account, if it is the holder's, in this currency, and holds as much. */
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

/** Adds an amount to an account, whoever's it is, if it is in this currency. */
export function credit(tableName: string, posting: Posting): LedgerWrite {
  return {
    Update: {
      TableName: tableName,
      Key: { id: accountKey(posting.account) },
      UpdateExpression: "SET #balanceMinor = #balanceMinor + :amount",
      // Beyond the largest safe integer the balance could no longer be read exactly.
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

/** Consistent, so that who has just moved money sees the new balance. */
export function readAccount(tableName: string, id: string): GetCommandInput {
  return { TableName: tableName, Key: { id: accountKey(id) }, ConsistentRead: true };
}

/** The key of an account's item. */
export function accountKey(id: string): string {
  return `account/${id}`;
}
