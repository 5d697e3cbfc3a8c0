import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ProblemError } from "../http/problem.ts";
import { type PendingTransfer, writePending } from "./pending-transfer.ts";

/** It gives up in time, as the client of DynamoDB does. */
export const sqsClient = new SQSClient({
  maxAttempts: 3,
  retryMode: "standard",
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
  },
});

/** The queue and the key of one message. */
export interface Sending {
  readonly queueUrl: string;
  /** SQS takes a second message under the same key, within 5 minutes, for the first. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/**
 * Puts a transfer into the queue, behind the earlier ones of the same account.
 *
 * @throws ProblemError 503 if it is unknown whether the queue has it: send it again, with the same key.
 */
export async function enqueue(
  pending: PendingTransfer,
  { queueUrl, key, signal }: Sending,
): Promise<void> {
  const command = new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: writePending(pending),
    MessageGroupId: pending.transfer.from,
    MessageDeduplicationId: key,
  });
  await sqsClient.send(command, { abortSignal: signal }).catch(queueUnavailable);
}

function queueUnavailable(cause: unknown): never {
  throw new ProblemError(
    {
      statusCode: 503,
      code: "queue_unavailable",
      title: "The queue is unavailable.",
      detail:
        "The transfer was not accepted in time. Send the same request again, with the same Idempotency-Key.",
      headers: { "retry-after": "1" },
    },
    cause,
  );
}
