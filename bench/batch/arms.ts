import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { idempotentBatch } from "../../lib/index.ts";
import type { Wiring } from "../arms/arm.ts";
import { createOurArm } from "../arms/ours.ts";
import { powertoolsWrapper } from "../arms/powertools.ts";
import type { InvocationContext } from "../requests/event.ts";

/** The parts of a handler of messages. Its effect is outside of DynamoDB. */
export type BatchWiring = Pick<Wiring, "client" | "records" | "business">;

type BatchHandler = (
  event: SQSEvent,
  context: InvocationContext,
) => Promise<{ readonly batchItemFailures: readonly unknown[] } | undefined>;

/** One of the compared ways to handle the messages of a queue. */
export interface BatchArm {
  readonly name: string;
  /** The library's default client. */
  readonly connect: (endpoint: string) => Wiring["client"];
  readonly handler: (wiring: BatchWiring) => BatchHandler;
}

export const POWERTOOLS_BATCH = "Powertools: batch";
export const OUR_BATCH = "ours: batch";

/** Powertools as in its manual for batches: the key is the id of the message. */
const powertoolsBatch: BatchArm = {
  name: POWERTOOLS_BATCH,
  connect: powertoolsWrapper.connect,
  handler({ client, records, business }) {
    const processor = new BatchProcessor(EventType.SQS);
    const config = new IdempotencyConfig({ eventKeyJmesPath: "messageId" });
    const processOnce = makeIdempotent(
      async ({ body }: SQSRecord) => {
        JSON.parse(body);
        await business.effect();
      },
      {
        persistenceStore: new DynamoDBPersistenceLayer({
          tableName: records,
          awsSdkV3Client: client,
        }),
        config,
      },
    );
    return async (event, context) => {
      config.registerLambdaContext(context as Context);
      return processPartialResponse(event, processOnce, processor, { context: context as Context });
    };
  },
};

const ourBatch: BatchArm = {
  name: OUR_BATCH,
  connect: createOurArm("wrapper", "start").connect,
  handler: ({ client, records, business }) =>
    idempotentBatch(() => business.effect(), {
      store: dynamoDbStore({ tableName: records, client }),
      name: "book order",
      singleTenant: true,
      key: ({ body }: SQSRecord) => JSON.parse(body).orderId,
    }),
};

export const BATCH_ARMS: readonly BatchArm[] = [powertoolsBatch, ourBatch];
