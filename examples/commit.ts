import { randomUUID } from "node:crypto";
import { idempotent, isCommitRefused, type WithIdempotency } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";

const TableName = process.env.LEDGER_TABLE ?? "";

/** Debit, credit and the idempotency record: one transaction, one round trip. */
export const handler = idempotent(
  async (event: { readonly body: string }, { idempotency }: WithIdempotency<object>) => {
    const { from, to, amountMinor } = JSON.parse(event.body);
    const values = { ":amount": amountMinor };
    const debit = {
      TableName,
      Key: { id: from },
      UpdateExpression: "SET balanceMinor = balanceMinor - :amount",
      ConditionExpression: "balanceMinor >= :amount",
      ExpressionAttributeValues: values,
    };
    const credit = {
      TableName,
      Key: { id: to },
      UpdateExpression: "SET balanceMinor = balanceMinor + :amount",
      ConditionExpression: "attribute_exists(id)",
      ExpressionAttributeValues: values,
    };
    const created = { statusCode: 201, headers: { location: `/transfers/${randomUUID()}` } };
    try {
      return await idempotency.commit([{ Update: debit }, { Update: credit }], created);
    } catch (error) {
      if (!isCommitRefused(error)) throw error;
      const reason = ["insufficient funds", "unknown account"][error.index];
      return { statusCode: 422, body: reason ?? "" };
    }
  },
  {
    store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
    singleTenant: true,
    operation: "create transfer",
    claimAt: "commit",
  },
);
