import type {
  AppSyncResolverEvent,
  DynamoDBRecord,
  EventBridgeEvent,
  KinesisStreamRecord,
  MSKRecord,
  S3Event,
  SNSEvent,
  SQSRecord,
} from "aws-lambda";
import { idempotentBatch, idempotentFunction, tool } from "lambda-idempotency";
import { dynamoDbStore } from "lambda-idempotency/dynamodb";
import { send } from "./send.ts";

interface Order {
  readonly orderId: string;
  readonly customer: string;
}

const store = dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });
const shared = { store, singleTenant: true } as const;
const json = (base64: string): Order => JSON.parse(Buffer.from(base64, "base64").toString());

/** SQS, standard or FIFO. */
export const sqs = idempotentBatch(({ body }: SQSRecord) => send(JSON.parse(body)), {
  store,
  name: "send from queue",
  key: ({ body }) => JSON.parse(body).orderId,
  tenant: ({ body }) => JSON.parse(body).customer,
});

/** Kinesis. */
export const kinesis = idempotentBatch(
  ({ kinesis }: KinesisStreamRecord) => send(json(kinesis.data)),
  { ...shared, name: "send from stream", key: ({ kinesis }) => json(kinesis.data).orderId },
);

/** DynamoDB Streams: the id of a change is the same on every delivery, and there is no redrive. */
export const dynamodbStream = idempotentBatch(
  ({ dynamodb }: DynamoDBRecord) => send({ orderId: dynamodb?.Keys?.id?.S ?? "" }),
  { ...shared, name: "send from table", key: ({ eventID }) => eventID },
);

/** Kafka, of Amazon MSK or your own. */
export const kafka = idempotentBatch(({ value }: MSKRecord) => send(json(value)), {
  ...shared,
  name: "send from topic",
  key: ({ value }) => json(value).orderId,
});

/** EventBridge: at least once, and with a new id if the producer sends again. */
export const eventBridge = idempotentFunction(
  ({ detail }: EventBridgeEvent<"Order", Order>) => send(detail),
  { ...shared, name: "send from bus", key: ({ detail }) => detail.orderId },
);

/** SNS: one message for each invocation. */
export const sns = idempotentFunction(
  ({ Records: [record] }: SNSEvent) => send(JSON.parse(record?.Sns.Message ?? "")),
  {
    ...shared,
    name: "send from topic of SNS",
    key: ({ Records: [record] }) => JSON.parse(record?.Sns.Message ?? "").orderId,
  },
);

/** S3: the sequencer tells two writes of one object apart. */
export const s3 = idempotentFunction(
  ({ Records: [record] }: S3Event) => send({ orderId: record?.s3.object.key ?? "" }),
  {
    ...shared,
    name: "send from bucket",
    key: ({ Records: [record] }) => record && JSON.stringify(record.s3.object),
  },
);

/** Scheduler: the input of the schedule names its two context attributes. */
export const scheduler = idempotentFunction(
  ({ scheduledTime }: { scheduleArn: string; scheduledTime: string }) =>
    send({ orderId: scheduledTime }),
  {
    ...shared,
    name: "nightly report",
    key: ({ scheduleArn, scheduledTime }) => `${scheduleArn} ${scheduledTime}`,
  },
);

/** Step Functions: the state passes `$$.Execution.Id` and its own name. */
export const stepFunctions = idempotentFunction(
  ({ order }: { executionId: string; stateName: string; order: Order }) => send(order),
  {
    ...shared,
    name: "send from workflow",
    key: ({ executionId, stateName }) => `${executionId} ${stateName}`,
  },
);

/** AppSync: the client sends the key as an argument, and is authenticated. */
export const appSync = idempotentFunction(
  ({ arguments: { order } }: AppSyncResolverEvent<{ order: Order }>) => send(order),
  {
    store,
    name: "send mutation",
    tenant: ({ identity }) => (identity as { sub?: string } | null)?.sub,
    key: ({ arguments: { order } }) => order.orderId,
  },
);

/** An asynchronous invocation, or a direct call. */
export const direct = idempotentFunction((order: Order) => send(order), {
  ...shared,
  name: "send order",
  key: ({ orderId }) => orderId,
});

/** A tool of an agent: the key is an argument, because each attempt has another tool-call id. */
export const agentTool = idempotentFunction((order: Order) => send(order), {
  ...shared,
  name: "send order tool",
  key: ({ orderId }) => orderId,
  contract: tool(),
});
