import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { InvocationResult } from "../../local/functions/environment.ts";
import {
  type MappingDefinition,
  type RunningMapping,
  startMapping,
} from "../../local/queue/mapping/event-source-mapping.ts";
import type { sqsEvent } from "../../local/queue/mapping/sqs-event.ts";
import type { Queue } from "../../local/queue/queue.ts";
import { Queues } from "../../local/queue/queues.ts";
import type { QueueSettings } from "../../local/queue/settings.ts";
import { type ManualQueueClock, manualQueueClock, queueSettings } from "./queue-clock.ts";

const DEFINITION: MappingDefinition = {
  logicalId: "Mapping",
  queueArn: queueSettings().arn,
  function: {
    logicalId: "Consumer",
    name: "consumer",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:consumer",
    handler: "index.handler",
    codeFolder: "/",
    environment: {},
    timeoutMs: 3_000,
    memoryMb: 128,
  },
  isEnabled: true,
  batchSize: 10,
  windowMs: 0,
  maxConcurrency: 5,
  reportsFailures: true,
};

/** An invocation that waits for its end. */
type Invocation = { event: ReturnType<typeof sqsEvent>; bodies: string[] } & {
  succeed(failedBodies?: string[]): void;
  fail(): void;
};

let clock: ManualQueueClock;
let queues: Queues;
let queue: Queue;
let mapping: RunningMapping;
let invocations: Invocation[];
let lines: string[];

function start(settings: Partial<QueueSettings> = {}, definition: Partial<MappingDefinition> = {}) {
  queue = queues.add(queueSettings(settings));
  mapping = startMapping(
    { ...DEFINITION, ...definition },
    { queue, clock, invoke, log: (line) => lines.push(line) },
  );
}

function invoke(payload: string): Promise<InvocationResult> {
  const event = JSON.parse(payload) as ReturnType<typeof sqsEvent>;
  const { promise, resolve } = Promise.withResolvers<InvocationResult>();
  const idOf = (body: string) => event.Records.find((one) => one.body === body)?.messageId;
  invocations.push({
    event,
    bodies: event.Records.map(({ body }) => body),
    succeed: (failedBodies = []) => {
      const batchItemFailures = failedBodies.map((body) => ({ itemIdentifier: idOf(body) }));
      resolve({ outcome: "returned", payload: JSON.stringify({ batchItemFailures }) });
    },
    fail: () => resolve({ outcome: "failed", payload: "{}" }),
  });
  return promise;
}

beforeEach(() => {
  clock = manualQueueClock();
  queues = new Queues(clock);
  invocations = [];
  lines = [];
});
afterEach(() => mapping.close());

/** The mapping polls in a microtask after a change. */
const polled = () => new Promise((resolve) => setImmediate(resolve));
const send = (...bodies: string[]) => {
  for (const body of bodies) queue.send({ body });
};
const sendTo = (groupId: string, ...bodies: string[]) => {
  for (const body of bodies) queue.send({ body, groupId });
};
const batches = () => invocations.map(({ bodies }) => bodies);
const last = () => invocations.at(-1) as Invocation;
const FIFO = { isFifo: true, hasContentBasedDeduplication: true };

describe("a batch", () => {
  test("has the messages that are there, up to the batch size", async () => {
    start({}, { batchSize: 2 });
    send("a", "b", "c");
    await polled();
    expect(batches()).toEqual([["a", "b"], ["c"]]);
  });

  test("is deleted after a success", async () => {
    start();
    send("a", "b");
    await polled();
    last().succeed();
    await mapping.untilIdle();
    expect(queue.messages()).toEqual([]);
    expect(lines).toEqual([]);
  });

  test("stays after a failure, hidden until the visibility timeout ends", async () => {
    start();
    send("a", "b");
    await polled();
    last().fail();
    await mapping.untilIdle();
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
    expect(lines).toEqual(["2 of 2 messages of orders failed."]);
    clock.advance(30_000);
    await polled();
    expect(batches()).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(last().event.Records[0]?.attributes.ApproximateReceiveCount).toBe("2");
  });

  test("loses the messages that the function did not name", async () => {
    start();
    send("a", "b", "c");
    await polled();
    last().succeed(["b"]);
    await mapping.untilIdle();
    expect(queue.messages().map(({ body }) => body)).toEqual(["b"]);
  });

  test("stays if the function has no process", async () => {
    queue = queues.add(queueSettings());
    const surroundings = { queue, clock, log: () => {} };
    mapping = startMapping(DEFINITION, {
      ...surroundings,
      invoke: () => Promise.reject(new Error("shut down")),
    });
    send("a");
    await polled();
    await mapping.untilIdle();
    expect(queue.counts().inFlight).toBe(1);
  });

  test("is delivered a second time while it is processed, if the visibility timeout is too short", async () => {
    start();
    send("a");
    await polled();
    clock.advance(30_000);
    await polled();
    expect(batches()).toEqual([["a"], ["a"]]);
    invocations[0]?.succeed();
    await polled();
    expect(queue.counts().inFlight).toBe(1);
    invocations[1]?.succeed();
    await mapping.untilIdle();
    expect(queue.messages()).toEqual([]);
  });

  test("is no larger than Lambda's event", async () => {
    start();
    const megabyte = "a".repeat(1_048_576);
    send(...Array.from({ length: 8 }, (_, index) => `${index}${megabyte.slice(1)}`));
    await polled();
    expect(batches().map((bodies) => bodies.length)).toEqual([6, 2]);
  });

  test("is the event of Lambda", async () => {
    start(FIFO);
    queue.send({
      body: "a",
      groupId: "A",
      attributes: {
        text: { dataType: "String", stringValue: "e5ue5u" },
        bytes: { dataType: "Binary", binaryValue: "AQI=" },
      },
    });
    await polled();
    const now = String(clock.nowMs());
    expect(last().event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[\da-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: "a",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: now,
            SequenceNumber: expect.stringMatching(/^\d{20}$/),
            MessageGroupId: "A",
            SenderId: expect.any(String),
            MessageDeduplicationId:
              "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
            ApproximateFirstReceiveTimestamp: now,
          },
          messageAttributes: {
            text: {
              stringValue: "e5ue5u",
              stringListValues: [],
              binaryListValues: [],
              dataType: "String",
            },
            bytes: {
              binaryValue: "AQI=",
              stringListValues: [],
              binaryListValues: [],
              dataType: "Binary",
            },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[\da-f]{32}$/),
          md5OfBody: "0cc175b9c0f1b6a831c399e269772661",
          eventSource: "aws:sqs",
          eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:orders.fifo",
          awsRegion: "us-east-1",
        },
      ],
    });
  });
});

describe("a batching window", () => {
  const WINDOW = { batchSize: 3, windowMs: 10_000 };

  test("gathers messages from the first one on", async () => {
    start({}, WINDOW);
    send("a");
    await polled();
    clock.advance(9_999);
    send("b");
    await polled();
    expect(batches()).toEqual([]);
    await mapping.untilIdle();
    clock.advance(1);
    await polled();
    expect(batches()).toEqual([["a", "b"]]);
  });

  test("ends with a full batch", async () => {
    start({}, WINDOW);
    send("a", "b", "c", "d");
    await polled();
    expect(batches()).toEqual([["a", "b", "c"]]);
    clock.advance(10_000);
    await polled();
    expect(batches()).toEqual([["a", "b", "c"], ["d"]]);
  });
});

describe("a FIFO queue", () => {
  test("has one batch at a time for each group", async () => {
    start(FIFO, { batchSize: 2 });
    sendTo("A", "a1", "a2", "a3");
    sendTo("B", "b1", "b2");
    await polled();
    expect(batches()).toEqual([
      ["a1", "a2"],
      ["b1", "b2"],
    ]);
    sendTo("B", "b3");
    await polled();
    expect(invocations).toHaveLength(2);
    invocations[1]?.succeed();
    await polled();
    expect(last().bodies).toEqual(["b3"]);
    invocations[0]?.succeed();
    await polled();
    expect(last().bodies).toEqual(["a3"]);
  });

  test("has no batch for a group with a failed message until its visibility timeout ends", async () => {
    start(FIFO);
    sendTo("A", "a1", "a2", "a3");
    await polled();
    last().succeed(["a2", "a3"]);
    sendTo("A", "a4");
    sendTo("B", "b1");
    await polled();
    expect(last().bodies).toEqual(["b1"]);
    last().succeed();
    await mapping.untilIdle();
    clock.advance(30_000);
    await polled();
    expect(last().bodies).toEqual(["a2", "a3", "a4"]);
  });

  test("delivers a message again whose deletion came after the visibility timeout", async () => {
    start(FIFO, { maxConcurrency: 1 });
    sendTo("A", "a1");
    await polled();
    clock.advance(30_000);
    last().succeed();
    await polled();
    expect(batches()).toEqual([["a1"], ["a1"]]);
    expect(lines).toEqual([expect.stringContaining("the receipt handle has expired")]);
  });
});

test("no more batches are processed at once than the maximum concurrency", async () => {
  start({}, { batchSize: 1, maxConcurrency: 2 });
  send("a", "b", "c");
  await polled();
  expect(batches()).toEqual([["a"], ["b"]]);
  invocations[0]?.succeed();
  await polled();
  expect(batches()).toEqual([["a"], ["b"], ["c"]]);
});

test("a poison message ends in the dead-letter queue", async () => {
  const dead = queues.add(queueSettings({ name: "dead" }));
  start({ redrivePolicy: { deadLetterTargetArn: dead.settings.arn, maxReceiveCount: 2 } });
  send("poison");
  for (let count = 0; count < 2; count += 1) {
    await polled();
    last().fail();
    await mapping.untilIdle();
    clock.advance(30_000);
  }
  await mapping.untilIdle();
  expect(invocations).toHaveLength(2);
  expect(dead.messages()).toMatchObject([{ body: "poison" }]);
});

test("a mapping is idle when nothing more happens before the time goes on", async () => {
  start();
  send("a");
  let isIdle = false;
  const idle = mapping.untilIdle().then(() => {
    isIdle = true;
  });
  await polled();
  expect(isIdle).toBe(false);
  last().fail();
  await idle;
});

test("a closed mapping calls no function, and ends the wait for it", async () => {
  start();
  send("a");
  const idle = mapping.untilIdle();
  mapping.close();
  await expect(idle).rejects.toThrow("was closed");
  await expect(mapping.untilIdle()).rejects.toThrow("was closed");
  send("b");
  await polled();
  expect(invocations).toEqual([]);
});

test("ten thousand messages are processed in batches of their order", async () => {
  start({}, { batchSize: 1_000, windowMs: 1_000 });
  send(...Array.from({ length: 10_000 }, (_, index) => String(index)));
  for (let count = 0; count < 10; count += 1) {
    await polled();
    for (const one of invocations) one.succeed();
  }
  await mapping.untilIdle();
  expect(batches().flat()).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index)));
  expect(queue.messages()).toEqual([]);
});
