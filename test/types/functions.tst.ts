import type {
  Context,
  EventBridgeEvent,
  KinesisStreamEvent,
  KinesisStreamHandler,
  KinesisStreamRecord,
  MSKEvent,
  MSKRecord,
  SQSBatchResponse,
  SQSEvent,
  SQSHandler,
  SQSRecord,
} from "aws-lambda";
import { describe, expect, test } from "tstyche";
import {
  type FunctionIdempotencyContext,
  idempotentBatch,
  idempotentFunction,
  memoryStore,
  type WithFunctionIdempotency,
} from "../../lib/index.ts";

const shared = { store: memoryStore(), name: "book", singleTenant: true } as const;

describe("a function", () => {
  test("keeps the types of its input and its result", () => {
    const pay = idempotentFunction(
      async (order: { id: string }, { idempotency }) => {
        expect(idempotency).type.toBe<FunctionIdempotencyContext>();
        return { paymentId: order.id };
      },
      {
        ...shared,
        key(order) {
          expect(order).type.toBe<{ id: string }>();
          return order.id;
        },
      },
    );
    expect(pay({ id: "a" })).type.toBe<Promise<{ paymentId: string }>>();
    expect(pay).type.not.toBeCallableWith({ id: 7 });
  });

  test("is a handler of one event, with Lambda's own context", () => {
    const handler = idempotentFunction(
      async (
        { detail }: EventBridgeEvent<"Order", { id: string }>,
        context: WithFunctionIdempotency<Context>,
      ) => {
        expect(context.awsRequestId).type.toBe<string>();
        return context.idempotency.commit([], detail.id);
      },
      { ...shared, key: ({ detail }) => detail.id },
    );
    expect(handler).type.toBeCallableWith(
      {} as EventBridgeEvent<"Order", { id: string }>,
      {} as Context,
    );
  });

  test("needs a name, a key, and a tenant or the word that there is one", () => {
    expect(idempotentFunction).type.not.toBeCallableWith(async () => {}, {
      ...shared,
      key: undefined,
    });
    expect(idempotentFunction).type.not.toBeCallableWith(async () => {}, {
      ...shared,
      key: () => "k",
      name: undefined,
    });
    expect(idempotentFunction).type.not.toBeCallableWith(async () => {}, {
      ...shared,
      key: () => "k",
      singleTenant: undefined,
    });
  });
});

describe("a batch", () => {
  test("of SQS is an SQSHandler's function", () => {
    const handler = idempotentBatch(async (_record: SQSRecord) => {}, {
      ...shared,
      key: ({ body }) => body,
    });
    expect(handler({} as SQSEvent, {} as Context)).type.toBeAssignableTo<
      Promise<SQSBatchResponse>
    >();
    const exported: SQSHandler = handler;
    expect(exported).type.toBe<SQSHandler>();
  });

  test("of Kinesis names failures by a text, and of Kafka by partition and offset", () => {
    const kinesis = idempotentBatch(async (_record: KinesisStreamRecord) => {}, {
      ...shared,
      key: ({ eventID }) => eventID,
    });
    const exported: KinesisStreamHandler = kinesis;
    expect(exported).type.toBe<KinesisStreamHandler>();
    expect(kinesis).type.toBeCallableWith({} as KinesisStreamEvent, {} as Context);
    const kafka = idempotentBatch(async (_record: MSKRecord) => {}, {
      ...shared,
      key: ({ value }) => value,
    });
    expect(kafka({} as MSKEvent, {} as Context)).type.toBeAssignableTo<
      Promise<{
        batchItemFailures: {
          itemIdentifier: { readonly partition: string; readonly offset: number };
        }[];
      }>
    >();
  });
});
