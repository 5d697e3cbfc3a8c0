import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from "@aws-lambda-powertools/batch";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { type OrderBody, readOrder } from "./order-body.ts";
import { createWrites, pay, prepare } from "./work.ts";

const { RECORDS_TABLE = "", KEY } = process.env;
const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: RECORDS_TABLE,
  awsSdkV3Client: client,
});
const isByOrder = KEY === "order id";
const config = new IdempotencyConfig({
  throwOnNoIdempotencyKey: true,
  ...(isByOrder
    ? { eventKeyJmesPath: "orderId", payloadValidationJmesPath: "amountMinor" }
    : { eventKeyJmesPath: "messageId" }),
});

async function processOrder(order: OrderBody): Promise<void> {
  await prepare(order);
  // The library has no key for the bank; the order has one.
  if (order.effect === "bank") return pay(order, order.orderId);
  await documents.send(new TransactWriteCommand({ TransactItems: createWrites(order) }));
}

function processMessage({ body }: SQSRecord): Promise<void> {
  return processOrder(readOrder(body));
}

function createRecordHandler(): (record: SQSRecord) => Promise<void> {
  if (!isByOrder) return makeIdempotent(processMessage, { persistenceStore, config });
  const processOnce = makeIdempotent(processOrder, { persistenceStore, config });
  return async ({ body }) => processOnce(readOrder(body));
}

const processRecord = createRecordHandler();
const standard = new BatchProcessor(EventType.SQS);
const fifo = new SqsFifoPartialProcessorAsync();

/** The same consumer on Powertools, as its manual sets up batches of messages. */
export async function handler(event: SQSEvent, context: Context) {
  config.registerLambdaContext(context);
  const isFifo = event.Records[0]?.eventSourceARN.endsWith(".fifo");
  return isFifo
    ? processPartialResponse(event, processRecord, fifo, { context, skipGroupOnError: true })
    : processPartialResponse(event, processRecord, standard, { context });
}
