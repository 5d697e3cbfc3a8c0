import type {
  Context,
  APIGatewayProxyEventV2 as Event,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from "aws-lambda";
import { dwolla, idempotent } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { createTransfer } from "./create-transfer.ts";

/** A request that was queued as it arrived, with the queue's attributes of its message. */
type QueuedRequest = Event & Pick<SQSRecord, "attributes">;

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
const createOnce = idempotent((request: QueuedRequest) => createTransfer(request), {
  store,
  singleTenant: true,
  operation: "create transfer",
  profile: dwolla(),
  // The layer looks up a request that SQS delivers again before it claims the key.
  readFirst: "suspected",
});

/** Has SQS deliver again the requests that failed or are still in flight. */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const undone: SQSRecord[] = [];
  for (const record of Records) {
    if (!(await isDone(record, context))) undone.push(record);
  }
  return { batchItemFailures: undone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function isDone({ body, attributes }: SQSRecord, context: Context): Promise<boolean> {
  try {
    const { statusCode, headers } = await createOnce({ ...JSON.parse(body), attributes }, context);
    // A refusal that a later delivery may escape has a Retry-After.
    const isEarly = headers !== undefined && "retry-after" in headers;
    return statusCode < 500 && ![408, 425, 429].includes(statusCode) && !isEarly;
  } catch (error) {
    console.error(error);
    return false;
  }
}
