import { beforeEach, expect, test } from "@jest/globals";
import { receiveWithin } from "../../local/queue/api/receive-within.ts";
import type { Queue } from "../../local/queue/queue.ts";
import { Queues } from "../../local/queue/queues.ts";
import { type ManualQueueClock, manualQueueClock, queueSettings } from "./queue-clock.ts";

let clock: ManualQueueClock;
let queue: Queue;
let client: AbortController;
beforeEach(() => {
  clock = manualQueueClock();
  queue = new Queues(clock).add(queueSettings());
  client = new AbortController();
});

const poll = async () => {
  const waiting = { clock, waitMs: 20_000, signal: client.signal };
  const messages = await receiveWithin(queue, { maxMessages: 1 }, waiting);
  return messages.map(({ body }) => body);
};

test("a poll gets the message that is there", async () => {
  queue.send({ body: "a" });
  expect(await poll()).toEqual(["a"]);
});

test("a poll gets one of the messages that arrive together, and leaves the others", async () => {
  queue.send({ body: "a", delayMs: 1_000 });
  queue.send({ body: "b", delayMs: 1_000 });
  const polled = poll();
  clock.advance(1_000);
  expect(await polled).toEqual(["a"]);
  expect(queue.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
});

test("a poll gets a message whose visibility timeout ends", async () => {
  queue.send({ body: "a" });
  queue.receive({ visibilityTimeoutMs: 5_000 });
  const polled = poll();
  clock.advance(5_000);
  expect(await polled).toEqual(["a"]);
});

test("a poll ends without messages after its wait", async () => {
  const polled = poll();
  clock.advance(20_000);
  expect(await polled).toEqual([]);
});

test("a poll takes no message for a client that has gone", async () => {
  const polled = poll();
  client.abort();
  expect(await polled).toEqual([]);
  queue.send({ body: "a" });
  expect(queue.counts().visible).toBe(1);
});
