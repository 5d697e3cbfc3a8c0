import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";

const client = new SQSClient({});

/** Passes messages on to another queue with AWS's own client. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  const QueueName = process.env.QUEUE_NAME;
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  for (const { body } of Records) {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  }
}
