import { createHash } from "node:crypto";
import type { SQSEvent, SQSMessageAttributes, SQSRecord } from "aws-lambda";
import { payloadText } from "./payload.ts";
import { ACCOUNT, nextId, nextNumber, REGION, TIME_MS } from "./places.ts";

/** A message of a queue. */
export interface SqsMessage {
  /** A text, or any other value, which is sent as JSON. */
  readonly body: unknown;
  /**
   * Give it for a message that is delivered again.
   * @default another one for each message
   */
  readonly messageId?: string | undefined;
  /** The message group, of a FIFO queue. */
  readonly groupId?: string | undefined;
  /**
   * The deduplication id, of a FIFO queue.
   * @default the digest of the body, as with content-based deduplication
   */
  readonly deduplicationId?: string | undefined;
  /**
   * How often the message has been received, this time included.
   * @default 1
   */
  readonly receiveCount?: number | undefined;
  readonly messageAttributes?: SQSMessageAttributes | undefined;
}

/** The queue of a batch. */
export interface SqsQueue {
  /** @default "test-queue", or "test-queue.fifo" if a message has a group */
  readonly queueName?: string | undefined;
}

/**
 * The event of a batch of SQS messages.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 * @example
 * const first = sqsEvent([{ messageId: "m-1", body: { amountMinor: 2500 } }]);
 * const again = sqsEvent([{ messageId: "m-1", body: { amountMinor: 2500 }, receiveCount: 2 }]);
 */
export function sqsEvent(messages: readonly SqsMessage[], queue: SqsQueue = {}): SQSEvent {
  const isFifo = messages.some(({ groupId }) => groupId !== undefined);
  const { queueName = isFifo ? "test-queue.fifo" : "test-queue" } = queue;
  const eventSourceARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueName}`;
  return { Records: messages.map((message) => createRecord(message, eventSourceARN)) };
}

function createRecord(message: SqsMessage, eventSourceARN: string): SQSRecord {
  const { messageId = nextId(), groupId, receiveCount = 1, messageAttributes = {} } = message;
  const body = payloadText(message.body);
  const { deduplicationId = createHash("sha256").update(body).digest("hex") } = message;
  return {
    messageId,
    receiptHandle: `receipt-${messageId}-${receiveCount}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(TIME_MS),
      SenderId: "AIDATEST",
      ApproximateFirstReceiveTimestamp: String(TIME_MS),
      ...(groupId !== undefined && {
        SequenceNumber: String(nextNumber()).padStart(20, "0"),
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
      }),
    },
    messageAttributes,
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion: REGION,
  };
}
