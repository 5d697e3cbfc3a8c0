import { beforeEach, describe, expect, test } from "@jest/globals";
import { md5OfAttributes, systemAttributes } from "../../local/queue/message.ts";
import type { Queue } from "../../local/queue/queue.ts";
import { Queues } from "../../local/queue/queues.ts";
import { type ManualQueueClock, manualQueueClock, queueSettings, START_MS } from "./queue-clock.ts";

const DAY_MS = 86_400_000;
const DEAD = queueSettings({ name: "dead", retentionMs: 4 * DAY_MS });
const DEAD_FIFO = queueSettings({ name: "dead.fifo", isFifo: true, retentionMs: 4 * DAY_MS });

let clock: ManualQueueClock;
let queues: Queues;
beforeEach(() => {
  clock = manualQueueClock();
  queues = new Queues(clock);
});

const bodies = (messages: readonly { body: string }[]) => messages.map(({ body }) => body);
const receiveOne = (queue: Queue) => {
  const [message] = queue.receive();
  if (!message) throw new Error("The queue delivers no message.");
  return message;
};

describe("a standard queue", () => {
  let queue: Queue;
  beforeEach(() => {
    queue = queues.add(queueSettings());
  });

  test("hides a received message until its visibility timeout ends, then delivers it again", () => {
    const { messageId } = queue.send({ body: "a" });
    const first = receiveOne(queue);
    expect(queue.receive()).toEqual([]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    clock.advance(29_999);
    expect(queue.receive()).toEqual([]);
    clock.advance(1);
    const second = receiveOne(queue);
    expect(second).toMatchObject({ messageId, receiveCount: 2, firstReceivedMs: START_MS });
    expect(second.receiptHandle).not.toBe(first.receiptHandle);
  });

  test("deletes a message by its last handle only, and a deletion may be repeated", () => {
    queue.send({ body: "a" });
    const first = receiveOne(queue);
    clock.advance(30_000);
    const second = receiveOne(queue);
    queue.delete(first.receiptHandle);
    expect(queue.counts().inFlight).toBe(1);
    queue.delete(second.receiptHandle);
    queue.delete(second.receiptHandle);
    expect(queue.messages()).toEqual([]);
  });

  test("deletes a message whose visibility timeout has ended, unless it was received again", () => {
    queue.send({ body: "a" });
    const { receiptHandle } = receiveOne(queue);
    clock.advance(30_000);
    queue.delete(receiptHandle);
    expect(queue.messages()).toEqual([]);
  });

  test("refuses a handle that is none of its own", () => {
    const other = queues.add(queueSettings({ name: "other" }));
    other.send({ body: "a" });
    const { receiptHandle } = receiveOne(other);
    expect(() => queue.delete(receiptHandle)).toThrow("not a valid receipt handle");
    expect(() => queue.delete("nonsense")).toThrow("not a valid receipt handle");
  });

  test("counts a changed visibility timeout from the change, for this receive only", () => {
    queue.send({ body: "a" });
    const { receiptHandle } = receiveOne(queue);
    clock.advance(15_000);
    queue.changeVisibility(receiptHandle, 60_000);
    clock.advance(59_999);
    expect(queue.receive()).toEqual([]);
    clock.advance(1);
    receiveOne(queue);
    clock.advance(30_000);
    expect(receiveOne(queue).receiveCount).toBe(3);
  });

  test("makes a message visible at once with a visibility timeout of 0", () => {
    queue.send({ body: "a" });
    queue.changeVisibility(receiveOne(queue).receiptHandle, 0);
    expect(receiveOne(queue).receiveCount).toBe(2);
  });

  test("refuses to change the visibility of a message that is not in flight, or beyond 12 hours", () => {
    queue.send({ body: "a" });
    const { receiptHandle } = receiveOne(queue);
    clock.advance(10_000);
    expect(() => queue.changeVisibility(receiptHandle, 43_190_001)).toThrow("beyond the limit");
    queue.changeVisibility(receiptHandle, 43_190_000);
    queue.changeVisibility(receiptHandle, 0);
    expect(() => queue.changeVisibility(receiptHandle, 10)).toThrow("not in flight");
  });

  test("delays a message by its own delay, else by the delay of the queue", () => {
    const delayed = queues.add(queueSettings({ name: "delayed", delayMs: 5_000 }));
    delayed.send({ body: "queue's" });
    delayed.send({ body: "own", delayMs: 1_000 });
    expect(delayed.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 2 });
    clock.advance(1_000);
    expect(bodies(delayed.receive({ maxMessages: 10 }))).toEqual(["own"]);
    clock.advance(4_000);
    expect(bodies(delayed.receive({ maxMessages: 10 }))).toEqual(["queue's"]);
  });

  test("loses a message after the retention period", () => {
    queue.send({ body: "a" });
    clock.advance(4 * DAY_MS - 1);
    expect(queue.counts().visible).toBe(1);
    clock.advance(1);
    expect(queue.receive()).toEqual([]);
  });

  test("does not know duplicates", () => {
    queue.send({ body: "a" });
    queue.send({ body: "a" });
    expect(bodies(queue.receive({ maxMessages: 10 }))).toEqual(["a", "a"]);
  });

  test("delivers no more bytes than wanted", () => {
    for (const body of ["aaa", "bbb", "c"]) queue.send({ body });
    expect(bodies(queue.receive({ maxMessages: 10, maxBytes: 6 }))).toEqual(["aaa", "bbb"]);
  });

  test("makes all messages in flight visible on demand", () => {
    queue.send({ body: "a" });
    queue.send({ body: "b", delayMs: 1_000 });
    receiveOne(queue);
    expect(queue.makeVisible()).toBe(1);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
  });

  test("tells its listeners when a message arrives, becomes visible and leaves", () => {
    let calls = 0;
    const stop = queue.onChange(() => {
      calls += 1;
    });
    const callsDuring = (action: () => void) => {
      calls = 0;
      action();
      return calls > 0;
    };
    expect(callsDuring(() => queue.send({ body: "a" }))).toBe(true);
    expect(callsDuring(() => queue.receive())).toBe(true);
    expect(callsDuring(() => clock.advance(29_999))).toBe(false);
    expect(callsDuring(() => clock.advance(1))).toBe(true);
    const { receiptHandle } = receiveOne(queue);
    expect(callsDuring(() => queue.delete(receiptHandle))).toBe(true);
    stop();
    expect(callsDuring(() => queue.send({ body: "b" }))).toBe(false);
  });

  test.each([
    [{ body: "" }, "must contain the parameter MessageBody"],
    [{ body: "\u0000" }, "outside of the allowed set"],
    [{ body: "\uD800" }, "outside of the allowed set"],
    [{ body: "a", delayMs: 901_000 }, "DelaySeconds"],
    [{ body: "a", deduplicationId: "d" }, "MessageDeduplicationId"],
    [{ body: "a", groupId: "with space" }, "MessageGroupId"],
    [{ body: "a", attributes: { "AWS.x": { dataType: "String", stringValue: "1" } } }, "AWS.x"],
    [{ body: "a", attributes: { a: { dataType: "Text", stringValue: "1" } } }, "Text"],
    [{ body: "a", attributes: { a: { dataType: "String", stringValue: "" } } }, "not empty"],
    [{ body: "a", attributes: { a: { dataType: "Number", stringValue: "x" } } }, "not a number"],
  ])("refuses the message %j", (message, reason) => {
    expect(() => queue.send(message)).toThrow(reason);
  });

  test("limits the size of body and attributes together, in bytes", () => {
    const small = queues.add(queueSettings({ name: "small", maximumMessageBytes: 1_024 }));
    const attributes = { a: { dataType: "String", stringValue: "1" } };
    small.send({ body: "é".repeat(508), attributes });
    expect(() => small.send({ body: "é".repeat(509), attributes })).toThrow(
      "must be shorter than 1024 bytes",
    );
  });
});

describe("a FIFO queue", () => {
  let queue: Queue;
  beforeEach(() => {
    queue = queues.add(queueSettings({ isFifo: true, hasContentBasedDeduplication: true }));
  });
  const send = (groupId: string, ...texts: string[]) => {
    for (const body of texts) queue.send({ body, groupId });
  };
  const receive = () => queue.receive({ maxMessages: 10 });

  test("delivers each group in order, as many messages of one group as possible", () => {
    send("A", "a1");
    send("B", "b1");
    send("A", "a2", "a3");
    expect(bodies(queue.receive({ maxMessages: 3 }))).toEqual(["a1", "a2", "a3"]);
    expect(bodies(receive())).toEqual(["b1"]);
  });

  test("blocks a group while one of its messages is in flight, and no other group", () => {
    send("A", "a1", "a2");
    send("B", "b1");
    const [first] = queue.receive();
    expect(first?.body).toBe("a1");
    expect(bodies(receive())).toEqual(["b1"]);
    queue.delete(first?.receiptHandle ?? "");
    expect(bodies(receive())).toEqual(["a2"]);
  });

  test("blocks a group also while only a later message of it is in flight", () => {
    send("A", "a1", "a2");
    const [first] = receive();
    queue.changeVisibility(first?.receiptHandle ?? "", 0);
    expect(receive()).toEqual([]);
    clock.advance(30_000);
    expect(bodies(receive())).toEqual(["a1", "a2"]);
  });

  test("delivers a message that failed before the later messages of its group", () => {
    send("A", "a1", "a2", "a3");
    const [, , third] = receive();
    queue.delete(third?.receiptHandle ?? "");
    clock.advance(30_000);
    send("A", "a4");
    expect(bodies(receive())).toEqual(["a1", "a2", "a4"]);
  });

  test("numbers its messages upwards, in texts of the same length", () => {
    send("A", "a1", "a2");
    const numbers = receive().map(({ sequenceNumber }) => sequenceNumber ?? "");
    expect(numbers).toEqual([...numbers].sort());
    expect(numbers.every((number) => /^\d{20}$/.test(number))).toBe(true);
  });

  test("accepts a duplicate within 5 minutes without delivering it, also after the deletion", () => {
    const first = queue.send({ body: "a", groupId: "A" });
    queue.delete(receiveOne(queue).receiptHandle);
    clock.advance(299_999);
    expect(queue.send({ body: "a", groupId: "B" })).toMatchObject(first);
    expect(receive()).toEqual([]);
    clock.advance(1);
    expect(queue.send({ body: "a", groupId: "A" }).messageId).not.toBe(first.messageId);
    expect(bodies(receive())).toEqual(["a"]);
  });

  test("prefers the sender's deduplication id to the digest of the body", () => {
    queue.send({ body: "a", groupId: "A", deduplicationId: "1" });
    queue.send({ body: "a", groupId: "A", deduplicationId: "2" });
    queue.send({ body: "b", groupId: "A", deduplicationId: "1" });
    expect(bodies(receive())).toEqual(["a", "a"]);
  });

  test("deduplicates in each group alone where its scope is the group", () => {
    queue = queues.add(queueSettings({ isFifo: true, deduplicationScope: "messageGroup" }));
    for (const groupId of ["A", "B", "A"])
      queue.send({ body: groupId, groupId, deduplicationId: "1" });
    expect(bodies(receive())).toEqual(["A", "B"]);
  });

  test("refuses to delete with an expired handle", () => {
    send("A", "a1");
    const { receiptHandle } = receiveOne(queue);
    clock.advance(30_000);
    expect(() => queue.delete(receiptHandle)).toThrow("the receipt handle has expired");
  });

  test.each([
    [{ body: "a" }, "must contain the parameter MessageGroupId"],
    [{ body: "a", groupId: "A", delayMs: 1_000 }, "DelaySeconds"],
  ])("refuses the message %j", (message, reason) => {
    expect(() => queue.send(message)).toThrow(reason);
  });

  test("refuses a message without deduplication id where bodies are not compared", () => {
    queue = queues.add(queueSettings({ isFifo: true }));
    expect(() => send("A", "a1")).toThrow("ContentBasedDeduplication enabled");
  });
});

describe("a dead-letter queue", () => {
  const source = (isFifo: boolean) =>
    queues.add(
      queueSettings({
        isFifo,
        hasContentBasedDeduplication: isFifo,
        redrivePolicy: {
          deadLetterTargetArn: (isFifo ? DEAD_FIFO : DEAD).arn,
          maxReceiveCount: 2,
        },
      }),
    );
  /** Receives in vain until the message leaves its queue. */
  const failTwice = (queue: Queue) => {
    for (let count = 0; count < 2; count += 1) {
      expect(receiveOne(queue).receivesHere).toBe(count + 1);
      clock.advance(30_000);
    }
    expect(queue.receive()).toEqual([]);
  };

  test("gets a message that was received too often, with its id, its count and its source", () => {
    const queue = source(false);
    const dead = queues.add(DEAD);
    const { messageId } = queue.send({ body: "poison", attributes: ATTRIBUTES });
    failTwice(queue);
    expect(queue.messages()).toEqual([]);
    const received = receiveOne(dead);
    expect(received).toMatchObject({ messageId, body: "poison", attributes: ATTRIBUTES });
    expect(systemAttributes(received)).toMatchObject({
      ApproximateReceiveCount: "3",
      SentTimestamp: String(START_MS),
      DeadLetterQueueSourceArn: queue.settings.arn,
    });
  });

  test("counts the receives from itself, if it has a dead-letter queue of its own", () => {
    const queue = source(false);
    const last = queues.add(queueSettings({ name: "last" }));
    const dead = queues.add({
      ...DEAD,
      redrivePolicy: { deadLetterTargetArn: last.settings.arn, maxReceiveCount: 2 },
    });
    queue.send({ body: "poison" });
    failTwice(queue);
    failTwice(dead);
    expect(last.messages()).toMatchObject([{ receiveCount: 4 }]);
  });

  test("counts the retention of a standard queue from the first send", () => {
    const queue = source(false);
    const dead = queues.add(DEAD);
    queue.send({ body: "poison" });
    clock.advance(DAY_MS);
    failTwice(queue);
    clock.advance(3 * DAY_MS - 60_001);
    expect(dead.counts().visible).toBe(1);
    clock.advance(1);
    expect(dead.counts().visible).toBe(0);
  });

  test("counts the retention of a FIFO queue from the move, and knows its messages by their ids", () => {
    const queue = source(true);
    const dead = queues.add(DEAD_FIFO);
    const { messageId } = queue.send({ body: "poison", groupId: "A" });
    clock.advance(DAY_MS);
    failTwice(queue);
    expect(dead.messages()).toMatchObject([
      { messageId, groupId: "A", deduplicationId: messageId, sentMs: clock.nowMs() },
    ]);
    clock.advance(4 * DAY_MS - 1);
    expect(dead.counts().visible).toBe(1);
  });

  test("frees the group of a FIFO message", () => {
    const queue = source(true);
    queues.add(DEAD_FIFO);
    queue.send({ body: "poison", groupId: "A" });
    for (let count = 0; count < 2; count += 1) {
      receiveOne(queue);
      queue.makeVisible();
    }
    queue.send({ body: "good", groupId: "A" });
    expect(bodies(queue.receive({ maxMessages: 10 }))).toEqual(["good"]);
  });

  test("gives its messages back by a redrive, as new messages with new ids", () => {
    const queue = source(false);
    const dead = queues.add(DEAD);
    const { messageId } = queue.send({ body: "poison", attributes: ATTRIBUTES });
    failTwice(queue);
    expect(queues.redrive(DEAD.arn)).toBe(1);
    expect(dead.messages()).toEqual([]);
    const redriven = receiveOne(queue);
    expect(redriven).toMatchObject({
      body: "poison",
      attributes: ATTRIBUTES,
      receiveCount: 1,
      sentMs: clock.nowMs(),
    });
    expect(redriven.messageId).not.toBe(messageId);
    expect(redriven.deadLetterSourceArn).toBeUndefined();
  });

  test("gives a FIFO message back within 5 minutes of its send, again and again", () => {
    const queue = source(true);
    queues.add(DEAD_FIFO);
    queue.send({ body: "poison", groupId: "A" });
    const ids = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      failTwice(queue);
      expect(queues.redrive(DEAD_FIFO.arn)).toBe(1);
      ids.add(queue.messages()[0]?.messageId ?? "");
    }
    expect(ids.size).toBe(3);
  });

  test("keeps messages that are in flight, and messages without a source", () => {
    const queue = source(false);
    const dead = queues.add(DEAD);
    queue.send({ body: "poison" });
    failTwice(queue);
    receiveOne(dead);
    dead.send({ body: "sent by hand" });
    expect(queues.redrive(DEAD.arn)).toBe(0);
    expect(queues.redrive(DEAD.arn, queue.settings.arn)).toBe(1);
    expect(bodies(queue.messages())).toEqual(["sent by hand"]);
  });

  test("is the only source of a redrive, to a queue of its type that exists", () => {
    const queue = source(false);
    const fifo = queues.add(queueSettings({ isFifo: true }));
    queues.add(DEAD);
    expect(() => queues.redrive(queue.settings.arn)).toThrow("configured as a Dead Letter Queue");
    expect(() => queues.redrive(DEAD.arn, fifo.settings.arn)).toThrow("FIFO");
    expect(() => queues.redrive("arn:nowhere")).toThrow("does not exist");
  });
});

const ATTRIBUTES = { trace: { dataType: "String", stringValue: "t" } };

test("the digest of attributes is the digest in the documentation, in any order", () => {
  const names = ["my_attribute_name_2", "my_attribute_name_1"];
  const attributes = Object.fromEntries(
    names.map((name) => [
      name,
      { dataType: "String", stringValue: name.replace("_name_", "_value_") },
    ]),
  );
  // The example response of SendMessage in the API reference.
  expect(md5OfAttributes(attributes)).toBe("c48838208d2b4e14e3ca0093a8443f09");
  expect(md5OfAttributes({})).toBeUndefined();
});
