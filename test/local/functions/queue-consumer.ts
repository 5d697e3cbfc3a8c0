import { appendFileSync } from "node:fs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

/** The body of a message: the first receives of the message fail. */
export type ConsumerMessage = { name: string; failures?: number };

/** A line of the file in the variable DELIVERIES. */
export type Delivery = { name: string; messageId: string; receiveCount: number };

/** Writes down each message that it gets, and keeps the order of groups: it skips a group behind a failure. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = new Set<string>();
  const failures = Records.filter((record) => {
    const group = record.attributes.MessageGroupId ?? record.messageId;
    const hasFailed = failed.has(group) || !succeeds(record);
    if (hasFailed) failed.add(group);
    return hasFailed;
  });
  return { batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function succeeds({ body, messageId, attributes }: SQSRecord): boolean {
  const { name, failures = 0 } = JSON.parse(body) as ConsumerMessage;
  const receiveCount = Number(attributes.ApproximateReceiveCount);
  const delivery: Delivery = { name, messageId, receiveCount };
  appendFileSync(process.env.DELIVERIES ?? "", `${JSON.stringify(delivery)}\n`);
  return receiveCount > failures;
}
