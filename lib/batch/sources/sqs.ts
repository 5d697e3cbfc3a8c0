import type { BatchItem, SourceReader } from "../batch.ts";

/** The members of an SQS message that the layer reads. */
export interface SqsMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly attributes?: { readonly MessageGroupId?: string };
  readonly eventSourceARN: string;
}

/**
 * A message is named by its id. Groups have an order in FIFO queues; in a standard queue they are for
 * fairness only.
 */
export const sqs: SourceReader = {
  source: "sqs",
  readItem(message: SqsMessage): BatchItem {
    const { messageId, attributes, eventSourceARN } = message;
    const isOrdered = String(eventSourceARN).endsWith(".fifo");
    return {
      record: message,
      identifier: messageId,
      group: isOrdered ? (attributes?.MessageGroupId ?? "") : undefined,
      shard: undefined,
    };
  },
};
