import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { startMovableClock } from "../../local/functions/movable-clock.ts";
import type { CloudQueue } from "../../local/queues.ts";
import type { ConsumerMessage, Delivery } from "./functions/queue-consumer.ts";
import { synthesizeQueueStack } from "./queue-stack.ts";

const clock = startMovableClock();
const file = join(mkdtempSync(join(tmpdir(), "deliveries-")), "deliveries");
let cloud: Cloud;
let client: SQSClient;
let parcels: CloudQueue;
let dead: CloudQueue;
let orders: CloudQueue;

beforeAll(async () => {
  cloud = await startCloud({
    assembly: synthesizeQueueStack(),
    port: 0,
    engine: "in-memory",
    clock,
    environment: { DELIVERIES: file },
    log: () => {},
  });
  client = new SQSClient({
    endpoint: cloud.sqsEndpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  parcels = cloud.queue("Parcels");
  dead = cloud.queue("ParcelsDead");
  orders = cloud.queue("Orders");
}, 120_000);
beforeEach(() => writeFileSync(file, ""));
afterAll(async () => {
  client?.destroy();
  await cloud?.close();
  clock.close();
});

const VISIBILITY_TIMEOUT_MS = 30_000;

function send(queue: CloudQueue, message: ConsumerMessage) {
  const MessageBody = JSON.stringify(message);
  return client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
}

/** Sends messages to groups at once; the name of a group is the first letter of a message's name. */
function sendInGroups(...messages: ConsumerMessage[]) {
  const Entries = messages.map((message) => ({
    Id: message.name,
    MessageBody: JSON.stringify(message),
    MessageGroupId: message.name.charAt(0),
  }));
  return client.send(new SendMessageBatchCommand({ QueueUrl: orders.url, Entries }));
}

function deliveries(): Delivery[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Delivery);
}
const names = () => deliveries().map(({ name, receiveCount }) => `${name} ${receiveCount}`);

/** Moves the time beyond a visibility timeout, and waits for the deliveries that follow. */
async function passVisibilityTimeout(queue: CloudQueue) {
  clock.advance(VISIBILITY_TIMEOUT_MS);
  await queue.untilIdle();
}

test("a message reaches its function and is gone after the success", async () => {
  const { MessageId } = await send(parcels, { name: "parcel" });
  await parcels.untilEmpty();
  expect(deliveries()).toEqual([{ name: "parcel", messageId: MessageId, receiveCount: 1 }]);
});

test("a message that fails is delivered again after the visibility timeout", async () => {
  const { MessageId } = await send(parcels, { name: "parcel", failures: 1 });
  await parcels.untilIdle();
  expect(parcels.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  expect(names()).toEqual(["parcel 1"]);
  clock.advance(VISIBILITY_TIMEOUT_MS);
  await parcels.untilEmpty();
  expect(deliveries()[1]).toEqual({ name: "parcel", messageId: MessageId, receiveCount: 2 });
});

test("a message is delivered again if the answer of its function is lost", async () => {
  const undo = cloud.functions.onAnswer(() => "drop");
  await send(parcels, { name: "parcel" });
  await parcels.untilIdle();
  undo();
  expect(parcels.makeVisible()).toBe(1);
  await parcels.untilEmpty();
  expect(names()).toEqual(["parcel 1", "parcel 2"]);
});

test("a poison message ends in the dead-letter queue, and a redrive brings it back under a new id", async () => {
  const { MessageId } = await send(parcels, { name: "poison", failures: 2 });
  await parcels.untilIdle();
  await passVisibilityTimeout(parcels);
  expect(dead.messages()).toEqual([]);
  await passVisibilityTimeout(parcels);
  expect(names()).toEqual(["poison 1", "poison 2"]);
  expect(dead.messages()).toMatchObject([{ messageId: MessageId, receiveCount: 2 }]);

  expect(dead.redrive()).toBe(1);
  await parcels.untilIdle();
  const redriven = deliveries()[2];
  expect(redriven).toMatchObject({ name: "poison", receiveCount: 1 });
  expect(redriven?.messageId).not.toBe(MessageId);
  await passVisibilityTimeout(parcels);
  await passVisibilityTimeout(parcels);
  expect(dead.messages()).toMatchObject([{ messageId: redriven?.messageId }]);
});

test("AWS's client redrives as well", async () => {
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
  expect(dead.messages()).toEqual([]);
  await parcels.untilIdle();
  expect(names()).toEqual(["poison 1"]);
  await passVisibilityTimeout(parcels);
  await passVisibilityTimeout(parcels);
  expect(parcels.messages()).toEqual([]);
});

test("a failure in a FIFO group holds the rest of the group back, and no other group", async () => {
  await sendInGroups({ name: "a1", failures: 1 }, { name: "a2" }, { name: "b1" });
  await sendInGroups({ name: "a3" }, { name: "b2" });
  await orders.untilIdle();
  expect(names().filter((name) => name.startsWith("a"))).toEqual(["a1 1"]);
  expect(names().filter((name) => name.startsWith("b"))).toEqual(["b1 1", "b2 1"]);
  await passVisibilityTimeout(orders);
  await orders.untilEmpty();
  const ofGroup = names().filter((name) => name.startsWith("a"));
  expect(ofGroup.map((name) => name.slice(0, 2))).toEqual(["a1", "a1", "a2", "a3"]);
});

test("a poison message of a FIFO group lets the rest of the group go on once it is dead", async () => {
  await sendInGroups({ name: "c1", failures: 9 }, { name: "d1" });
  await orders.untilIdle();
  await passVisibilityTimeout(orders);
  await passVisibilityTimeout(orders);
  await sendInGroups({ name: "c2" });
  await orders.untilEmpty();
  expect(names()).toEqual(["c1 1", "d1 1", "c1 2", "c2 1"]);
  expect(cloud.queue("OrdersDead").messages()).toMatchObject([{ groupId: "c" }]);
});

test("a duplicate in a FIFO queue is accepted and not delivered", async () => {
  await sendInGroups({ name: "e1" });
  await sendInGroups({ name: "e1" });
  await orders.untilEmpty();
  expect(names()).toEqual(["e1 1"]);
});

test("a function finds another queue by its name, and sends to it with AWS's client", async () => {
  const inbox = cloud.queue("Inbox");
  await send(inbox, { name: "relayed" });
  await inbox.untilEmpty();
  await parcels.untilEmpty();
  expect(names()).toEqual(["relayed 1"]);
});

test("a queue has its name as well, and an unknown queue is refused with the known ones", () => {
  expect(cloud.queue(orders.name).arn).toBe(orders.arn);
  expect(() => cloud.queue("Letters")).toThrow(/no queue Letters .* it has ParcelsDead/);
});
