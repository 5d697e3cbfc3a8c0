import type { SQSRecord } from "aws-lambda";
import { idempotentBatch, isCommitRefused } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";

const TableName = process.env.LEDGER_TABLE ?? "";

/**
 * Books the orders of a queue. The booking and the record that the message is done are one transaction, so
 * a redelivery, a redrive and two deliveries at once book once. The event source mapping has
 * `ReportBatchItemFailures`, and the queue a dead-letter queue.
 */
export const handler = idempotentBatch(
  async ({ body }: SQSRecord, { idempotency }) => {
    const { account, amountMinor } = JSON.parse(body);
    const debit = {
      TableName,
      Key: { id: account },
      UpdateExpression: "SET balanceMinor = balanceMinor - :amount",
      ConditionExpression: "balanceMinor >= :amount",
      ExpressionAttributeValues: { ":amount": amountMinor },
    };
    try {
      await idempotency.commit([{ Update: debit }], undefined);
    } catch (error) {
      if (!isCommitRefused(error)) throw error;
      // The order cannot be booked. The message is done all the same.
      console.error(`The account ${account} has less than ${amountMinor}.`);
    }
  },
  {
    store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" }),
    name: "book order",
    singleTenant: true,
    // A business id: the id of a message changes when it is moved back from the dead-letter queue.
    key: ({ body }) => JSON.parse(body).orderId,
    claimAt: "commit",
  },
);
