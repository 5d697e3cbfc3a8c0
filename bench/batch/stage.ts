import { randomUUID } from "node:crypto";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { createBusiness } from "../arms/business.ts";
import { createInvocationContext } from "../requests/event.ts";
import type { StagedArm, Tables } from "../requests/stage.ts";
import type { BatchArm } from "./arms.ts";

/** SQS delivers ten messages at once unless a mapping says otherwise. */
export const BATCH_SIZE = 10;

/** An arm, ready to process a batch of messages that no consumer has seen. */
export interface StagedBatchArm extends Pick<StagedArm, "client"> {
  process(): Promise<void>;
  /** @throws unless the messages of a batch take effect once, also if the batch comes again. */
  check(): Promise<void>;
  close(): void;
}

export function stageBatchArm(arm: BatchArm, endpoint: string, { records, ledger }: Tables) {
  const client = arm.connect(endpoint);
  const business = createBusiness(ledger);
  const handler = arm.handler({ client, records, business });
  const event = createBatch();

  async function send(batch: SQSEvent): Promise<void> {
    const { batchItemFailures = [] } = (await handler(batch, createInvocationContext())) ?? {};
    if (batchItemFailures.length === 0) return;
    throw new Error(`${arm.name}: ${batchItemFailures.length} messages of a batch failed.`);
  }

  const staged: StagedBatchArm = {
    client,
    process: () => send(event),
    async check() {
      const batch = createBatch();
      await send(batch);
      await send(batch);
      if (business.executions() === BATCH_SIZE) return;
      const found = `${business.executions()} effects of ${BATCH_SIZE} messages`;
      throw new Error(`${arm.name}: a batch that was delivered twice had ${found}.`);
    },
    close: () => client.destroy(),
  };
  return staged;
}

function createBatch(): SQSEvent {
  return { Records: Array.from({ length: BATCH_SIZE }, createRecord) };
}

function createRecord(): SQSRecord {
  const order = { orderId: randomUUID(), from: "alice", to: "bob", amountMinor: 2_500 };
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body: JSON.stringify({ ...order, currency: "EUR", note: "rent" }),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "1795600000000",
      SenderId: "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp: "1795600000100",
    },
    messageAttributes: {},
    md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:orders",
    awsRegion: "eu-west-1",
  };
}
