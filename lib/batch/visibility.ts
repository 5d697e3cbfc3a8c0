import type { SqsMessage } from "./sources/sqs.ts";

/** A client of SQS, as far as the layer needs one: `new SQS({})` of `@aws-sdk/client-sqs` is one. */
export interface SqsClient {
  changeMessageVisibility(input: {
    QueueUrl: string;
    ReceiptHandle: string;
    VisibilityTimeout: number;
  }): Promise<unknown>;
}

/** The longest that SQS hides a message, counted from its receipt: 12 hours. */
const LONGEST_SECONDS = 12 * 60 * 60 - 15 * 60;

/**
 * Hides a message that another invocation has in work until the lease of that invocation is over: it may
 * come again then, and not before.
 */
export async function hideUntilLeaseEnds(
  client: SqsClient,
  queueUrl: string | undefined,
  { receiptHandle, eventSourceARN }: SqsMessage,
  leaseLeftMs: number,
): Promise<void> {
  await client.changeMessageVisibility({
    QueueUrl: queueUrl ?? urlOf(eventSourceARN),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: Math.min(Math.ceil(leaseLeftMs / 1000), LONGEST_SECONDS),
  });
}

/** @see https://docs.aws.amazon.com/general/latest/gr/sqs-service.html */
function urlOf(arn: string): string {
  const [, partition, , region, account, name] = arn.split(":");
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sqs.${region}.${domain}/${account}/${name}`;
}
