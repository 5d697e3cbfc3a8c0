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

/** A request that was put into a queue as it arrived, and what the queue says of its message. */
type QueuedRequest = Event & Pick<SQSRecord, "attributes">;

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
const answer = idempotent((request: QueuedRequest) => createTransfer(request), {
  store,
  singleTenant: true,
  operation: "create transfer",
  profile: dwolla(),
  // What SQS delivers again is looked up before it is claimed.
  readFirst: "suspected",
});

/** Has SQS deliver again what failed, and what is still under way. */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const undone: SQSRecord[] = [];
  for (const record of Records) {
    if (!(await isDone(record, context))) undone.push(record);
  }
  return { batchItemFailures: undone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function isDone({ body, attributes }: SQSRecord, context: Context): Promise<boolean> {
  try {
    const { statusCode, headers } = await answer({ ...JSON.parse(body), attributes }, context);
    // A refusal that another delivery may not meet says when to come back.
    const isEarly = headers !== undefined && "retry-after" in headers;
    return statusCode < 500 && ![408, 425, 429].includes(statusCode) && !isEarly;
  } catch (error) {
    console.error(error);
    return false;
  }
}
