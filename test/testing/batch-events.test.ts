import { unmarshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { findForeignKind } from "../../lib/http/events/foreign.ts";
import {
  dynamoDbStreamEvent,
  kinesisEvent,
  mskEvent,
  selfManagedKafkaEvent,
  sqsEvent,
} from "../../lib/testing/index.ts";

const decode = (text: string | undefined) => Buffer.from(text ?? "", "base64").toString();

test.each([
  ["an SQS batch", sqsEvent([{ body: "" }])],
  ["a Kinesis batch", kinesisEvent([{ data: "" }])],
  ["a DynamoDB stream's batch", dynamoDbStreamEvent([{ keys: { id: "a" } }])],
  ["a Kafka batch (Amazon MSK)", mskEvent([{ value: "" }])],
  ["a Kafka batch", selfManagedKafkaEvent([{ value: "" }])],
])("the layer takes the event for %s", (kind, event) => {
  expect(findForeignKind(event)).toBe(kind);
  expect(JSON.parse(JSON.stringify(event))).toEqual(event);
});

describe("an SQS batch", () => {
  test("has its bodies as texts, and every message another id", () => {
    const { Records } = sqsEvent([{ body: { amountMinor: 1 } }, { body: "text" }]);
    expect(Records.map(({ body }) => body)).toEqual(['{"amountMinor":1}', "text"]);
    expect(new Set(Records.map(({ messageId }) => messageId)).size).toBe(2);
    expect(Records[0]).toMatchObject({
      attributes: { ApproximateReceiveCount: "1" },
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:test-queue",
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(Records[0]?.attributes).not.toHaveProperty("MessageGroupId");
  });

  test("delivers a message again under its id", () => {
    const [again] = sqsEvent([{ messageId: "m-1", body: "a", receiveCount: 3 }]).Records;
    expect(again).toMatchObject({
      messageId: "m-1",
      attributes: { ApproximateReceiveCount: "3" },
    });
  });

  test("of a FIFO queue has groups, growing sequence numbers, and equal ids for equal bodies", () => {
    const { Records } = sqsEvent([
      { body: "a", groupId: "alice" },
      { body: "a", groupId: "bob" },
      { body: "a", groupId: "bob", deduplicationId: "own" },
    ]);
    const [first, second, third] = Records.map(({ attributes }) => attributes);
    expect(first?.MessageGroupId).toBe("alice");
    expect(second?.MessageDeduplicationId).toBe(first?.MessageDeduplicationId);
    expect(third?.MessageDeduplicationId).toBe("own");
    expect(Number(second?.SequenceNumber)).toBeGreaterThan(Number(first?.SequenceNumber));
    expect(Records[0]?.eventSourceARN).toMatch(/:test-queue\.fifo$/);
    expect(sqsEvent([{ body: "" }], { queueName: "orders" }).Records[0]?.eventSourceARN).toMatch(
      /:orders$/,
    );
  });
});

test("a Kinesis batch has its data in Base64, and growing sequence numbers of 56 digits", () => {
  const { Records } = kinesisEvent(
    [{ data: { a: 1 }, partitionKey: "alice" }, { data: new Uint8Array([65]) }],
    { streamName: "orders" },
  );
  expect(Records.map(({ kinesis }) => decode(kinesis.data))).toEqual(['{"a":1}', "A"]);
  const [first = "", second = ""] = Records.map(({ kinesis }) => kinesis.sequenceNumber);
  expect([first.length, second.length]).toEqual([56, 56]);
  expect(BigInt(second)).toBeGreaterThan(BigInt(first));
  expect(Records[0]).toMatchObject({
    eventID: `shardId-000000000000:${first}`,
    eventSourceARN: "arn:aws:kinesis:eu-central-1:123456789012:stream/orders",
    kinesis: { partitionKey: "alice" },
  });
  const [again] = kinesisEvent([{ data: "", sequenceNumber: first }]).Records;
  expect(again?.kinesis.sequenceNumber).toBe(first);
});

describe("a DynamoDB stream's batch", () => {
  test("has its items in DynamoDB's types, with bytes in Base64", () => {
    const item = { id: "t-1", amountMinor: 2500, tags: ["a"], raw: new Uint8Array([0, 255]) };
    const [record] = dynamoDbStreamEvent([{ keys: { id: "t-1" }, newImage: item }]).Records;
    expect(record?.dynamodb).toMatchObject({
      Keys: { id: { S: "t-1" } },
      NewImage: {
        id: { S: "t-1" },
        amountMinor: { N: "2500" },
        tags: { L: [{ S: "a" }] },
        raw: { B: "AP8=" },
      },
      StreamViewType: "NEW_AND_OLD_IMAGES",
    });
    expect(record?.dynamodb?.SizeBytes).toBeGreaterThan(0);
    const { raw: _, ...texts } = record?.dynamodb?.NewImage ?? {};
    expect(unmarshall(texts as never)).toEqual({ id: "t-1", amountMinor: 2500, tags: ["a"] });
  });

  test.each([
    ["INSERT", { newImage: { id: "a" } }],
    ["MODIFY", { oldImage: { id: "a" }, newImage: { id: "a" } }],
    ["REMOVE", { oldImage: { id: "a" } }],
    ["REMOVE", {}],
    ["MODIFY", { eventName: "MODIFY" as const }],
  ])("says %s for the images %j", (eventName, images) => {
    const { Records } = dynamoDbStreamEvent([{ keys: { id: "a" }, ...images }]);
    expect(Records[0]?.eventName).toBe(eventName);
  });

  test("has growing sequence numbers, or the given one, and its table", () => {
    const { Records } = dynamoDbStreamEvent(
      [{ keys: { id: "a" } }, { keys: { id: "b" } }, { keys: { id: "c" }, sequenceNumber: "7" }],
      { tableName: "orders" },
    );
    const [first, second, third] = Records.map(({ dynamodb }) => dynamodb?.SequenceNumber);
    expect(BigInt(second ?? 0)).toBeGreaterThan(BigInt(first ?? 0));
    expect(third).toBe("7");
    expect(Records[0]?.eventSourceARN).toContain(":table/orders/stream/");
  });
});

test("a Kafka batch has its records by topic and partition, in Base64", () => {
  const { records } = mskEvent([
    { topic: "a", key: "k", value: { x: 1 }, headers: { trace: "t" } },
    { topic: "a", value: "second" },
    { topic: "a", partition: 1, value: "other", offset: 7 },
    { value: "default" },
  ]);
  expect(Object.keys(records)).toEqual(["a-0", "a-1", "test-topic-0"]);
  const [first, second] = records["a-0"] ?? [];
  expect([decode(first?.key), decode(first?.value)]).toEqual(["k", '{"x":1}']);
  expect(first?.headers).toEqual([{ trace: [116] }]);
  expect(second).not.toHaveProperty("key");
  expect(second?.offset).toBeGreaterThan(first?.offset ?? Number.NaN);
  expect(records["a-1"]).toMatchObject([{ partition: 1, offset: 7 }]);
});
