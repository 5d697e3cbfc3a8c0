import { describe, expect, test } from "@jest/globals";
import { idempotentFunction, memoryStore } from "../../lib/index.ts";
import { message } from "../batch/events.ts";

/** Whether two inputs under one key are taken for the same. */
async function areSame(one: unknown, other: unknown): Promise<boolean> {
  const call = idempotentFunction(async () => "done", {
    ...{ store: memoryStore(), name: "n", singleTenant: true, key: () => "k", observe: () => {} },
  });
  await call(one);
  return call(other).then(
    () => true,
    () => false,
  );
}

const sns = (text: string, messageId: string) => ({
  Records: [{ EventSource: "aws:sns", Sns: { MessageId: messageId, Message: text } }],
});
const s3 = (key: string, time: string) => ({
  Records: [
    {
      ...{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", eventTime: time },
      s3: { bucket: { name: "b" }, object: { key, sequencer: "1" } },
    },
  ],
});
const eventBridge = (detail: unknown, id: string) => ({
  ...{ id, source: "shop", "detail-type": "Order", time: id, detail },
});
const kafka = (text: string, offset: number) => ({
  ...{ topic: "t", partition: 0, offset, timestamp: offset },
  value: Buffer.from(text).toString("base64"),
});

describe("another delivery has another envelope, and is the same:", () => {
  test.each<[string, unknown, unknown, unknown]>([
    ["a message of SQS", message({ a: 1, b: 2 }), message('{"b":2, "a":1}'), message({ a: 2 })],
    ["an event of SNS", sns("m", "1"), sns("m", "2"), sns("n", "2")],
    ["an event of S3", s3("k", "1"), s3("k", "2"), s3("l", "2")],
    [
      "an event of EventBridge",
      eventBridge({ a: 1 }, "1"),
      eventBridge({ a: 1 }, "2"),
      eventBridge({ a: 2 }, "2"),
    ],
    ["a record of Kafka", kafka('{"a":1}', 1), kafka('{"a": 1}', 2), kafka('{"a":2}', 2)],
  ])("%s", async (_name, first, again, other) => {
    expect(await areSame(first, again)).toBe(true);
    expect(await areSame(first, other)).toBe(false);
  });
});

const appSync = (amount: number, token: string) => ({
  info: { parentTypeName: "Mutation", fieldName: "pay" },
  ...{ arguments: { amount }, request: { headers: { authorization: token } } },
});
const inQueue = (event: object) => message(JSON.stringify(event));
const notification = (text: string, id: string) =>
  inQueue({ Type: "Notification", TopicArn: "arn", MessageId: id, Message: text, Signature: id });
const parsed = (body: object, receiptHandle: string) => ({ ...message({}), body, receiptHandle });
const parsedKafka = (value: unknown, offset: number) => ({ ...kafka("", offset), value });

describe("an envelope within an envelope, a parser in front, or a client's retry is the same:", () => {
  test.each<[string, unknown, unknown, unknown]>([
    ["a resolver of AppSync", appSync(1, "t-1"), appSync(1, "t-2"), appSync(2, "t-2")],
    ["SNS in SQS", notification("m", "1"), notification("m", "2"), notification("n", "2")],
    [
      "EventBridge in SQS, with an amount beyond 2^53",
      message('{"id":"1","source":"s","detail-type":"t","detail":{"a":9007199254740993}}'),
      message('{"id":"2","source":"s","detail-type":"t","detail":{"a":9007199254740993}}'),
      message('{"id":"2","source":"s","detail-type":"t","detail":{"a":9007199254740992}}'),
    ],
    [
      "a parsed body of SQS",
      parsed({ a: 1 }, "r-1"),
      parsed({ a: 1 }, "r-2"),
      parsed({ a: 2 }, "r-2"),
    ],
    [
      "a parsed value of Kafka",
      parsedKafka({ a: 1 }, 1),
      parsedKafka({ a: 1 }, 2),
      parsedKafka({ a: 2 }, 2),
    ],
    [
      "an amount of Kafka beyond 2^53",
      kafka('{"a":9007199254740993}', 1),
      kafka('{"a":9007199254740993}', 2),
      kafka('{"a":9007199254740992}', 2),
    ],
    [
      "the deletion of a key in Kafka",
      parsedKafka(null, 1),
      parsedKafka(null, 2),
      kafka("null", 2),
    ],
  ])("%s", async (_name, first, again, other) => {
    expect(await areSame(first, again)).toBe(true);
    expect(await areSame(first, other)).toBe(false);
  });
});

describe("a value of which JSON keeps nothing is refused:", () => {
  test.each<[string, unknown]>([
    ["a Map", { lines: new Map([["a", 1]]) }],
    [
      "a Set in a DynamoDB record",
      { eventSource: "aws:dynamodb", dynamodb: { Keys: new Set(["a"]) } },
    ],
    ["an Error", { cause: new Error("a") }],
    ["NaN", { limit: Number.NaN }],
    ["a function", { run: () => 1 }],
    ["a promise", Promise.resolve(1)],
    ["a BigInt in an event", eventBridge({ amount: 1n }, "1")],
  ])("%s", async (_name, input) => {
    await expect(areSame(input, input)).rejects.toThrow(
      /n: the input has no JSON text: .*Nothing was executed/,
    );
  });
});

test("the option same may return a promise", async () => {
  const call = idempotentFunction(async () => "done", {
    ...{ store: memoryStore(), name: "n", singleTenant: true, key: () => "k", observe: () => {} },
    same: async ({ amount }: { amount: number }) => ({ amount }),
  });
  await call({ amount: 1 });
  await expect(call({ amount: 2 })).rejects.toMatchObject({ code: "payload_mismatch" });
});

test.each<[string, unknown]>([
  ["a list of records of which one has no S3 object", { Records: [s3("k", "1").Records[0], {}] }],
  ["an empty list of records", { Records: [] }],
  ["an event with a detail type and no detail", { "detail-type": "x" }],
  ["a topic without an offset", { topic: "t", value: "v" }],
])("%s counts whole", async (_name, input) => {
  expect(await areSame(input, structuredClone(input))).toBe(true);
  expect(await areSame(input, { ...(input as object), other: 1 })).toBe(false);
});

test.each<[string, object]>([
  ["SQS", { Records: [message({})] }],
  ["SQS through a pipe", [message({})]],
  ["Kafka", { eventSource: "aws:kafka", records: { "t-0": [kafka("1", 1)] } }],
])("a whole batch of %s is refused, and nothing runs", async (_name, batch) => {
  let runs = 0;
  const call = idempotentFunction(
    async () => {
      runs += 1;
    },
    { ...{ store: memoryStore(), name: "n", singleTenant: true, key: () => "k" } },
  );
  await expect(call(batch)).rejects.toThrow(/n: the input is a whole batch .* idempotentBatch/);
  expect(runs).toBe(0);
});
