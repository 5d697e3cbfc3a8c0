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
