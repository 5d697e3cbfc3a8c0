import { SQS } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { dynamoDbStore } from "../../../../lib/dynamodb/index.ts";
import { idempotentBatch } from "../../../../lib/index.ts";
import { readOrder } from "./order-body.ts";
import { createWrites, pay, prepare } from "./work.ts";

const { RECORDS_TABLE = "", CLAIM_AT } = process.env;

/** A consumer under test. The environment says when it claims a key. */
export const handler = idempotentBatch(
  async ({ body }: SQSRecord, { idempotency }) => {
    const order = readOrder(body);
    await prepare(order);
    if (order.effect === "bank") return pay(order, idempotency.downstreamKey("pay"));
    return idempotency.commit(createWrites(order), undefined);
  },
  {
    store: dynamoDbStore({ tableName: RECORDS_TABLE }),
    name: "book order",
    singleTenant: true,
    key: ({ body }) => readOrder(body).orderId,
    claimAt: CLAIM_AT === "commit" ? "commit" : "start",
    concurrency: 4,
    stopBeforeMs: 1_000,
    // The layer derives the URL of AWS from the ARN; the endpoint stays the local one.
    sqs: { client: new SQS({ useQueueUrlAsEndpoint: false }) },
  },
);
