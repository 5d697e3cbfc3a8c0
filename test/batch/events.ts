/** A message of an SQS batch, as far as the layer reads it. */
export interface TestMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly eventSource: string;
  readonly eventSourceARN: string;
}

let count = 0;

/** A message with a JSON body, and an id of its own. */
export function message(body: unknown, group?: string): TestMessage {
  count += 1;
  const queue = group === undefined ? "orders" : "orders.fifo";
  return {
    messageId: `m-${count}`,
    receiptHandle: `r-${count}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: "1",
      ...(group !== undefined && { MessageGroupId: group }),
    },
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${queue}`,
  };
}

/** The identifiers in a response. */
export function failedIn(response: {
  batchItemFailures: { itemIdentifier: unknown }[];
}): unknown[] {
  return response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
