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
  profile: dwolla(),
  // What SQS delivers again is looked up before it is claimed.
  readFirst: "suspected",
});

/** Has SQS deliver again what failed, and what is still under way. */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const undone: SQSRecord[] = [];
  for (const record of Records) {
    const isDone = await carryOut(record, context).catch(() => false);
    if (!isDone) undone.push(record);
  }
  return { batchItemFailures: undone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function carryOut({ body, attributes }: SQSRecord, context: Context): Promise<boolean> {
  const { statusCode } = await answer({ ...JSON.parse(body), attributes }, context);
  return statusCode !== 409 && statusCode < 500;
}
