import { randomUUID } from "node:crypto";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Cloud } from "../cloud.ts";
import { createRefusal } from "../refusal.ts";
import type { Sample } from "./sample.ts";
import { type SampleTransfer, sendTransfer, sendTransferForLater } from "./sample-client.ts";
import type { Scene } from "./story.ts";

/** Transfers that are made later: every way in which a queue delivers a message again. */
export function queueScenes({ cloud, holders: { alice, bob } }: Sample): Scene[] {
  const toBob = (amountMinor: number): SampleTransfer => ({
    from: alice,
    to: bob,
    amountMinor,
    key: randomUUID(),
  });
  const first = toBob(300);
  const redelivered = toBob(400);
  const redriven = toBob(200);
  const behindPoison = toBob(100);
  const forLater = (transfer: SampleTransfer) => async () => [
    await sendTransferForLater(cloud, transfer),
  ];
  const scene = (title: string, changeMinor: number, sends: Scene["send"]): Scene => ({
    title,
    send: sends,
    changeMinor,
    paysMinor: 0,
  });

  return [
    scene("alice sends bob 3.00, to be made later", -300, async () => {
      const responses = await forLater(first)();
      await cloud.queue("Transfers").untilEmpty();
      return responses;
    }),
    scene("the same again", 0, forLater(first)),
    scene("the same again, without asking for later", 0, async () => [
      await sendTransfer(cloud, first),
    ]),
    scene("4.00 for later; the consumer dies, a redelivery", -400, async () => {
      killConsumerAfterCommit(cloud);
      const responses = await forLater(redelivered)();
      await redeliver(cloud, 1);
      await cloud.queue("Transfers").untilEmpty();
      return responses;
    }),
    scene("2.00 for later; the consumer fails, a dead letter", 0, async () => {
      const mend = breakConsumer(cloud);
      const responses = await forLater(redriven)();
      await redeliver(cloud, MOST_RECEIVES);
      mend();
      await cloud.queue("Transfers").untilEmpty();
      expectDeadLetters(cloud, 1);
      return responses;
    }),
    scene("the redrive of the dead letter, and the request again", -200, async () => {
      cloud.queue("TransfersDead").redrive();
      await cloud.queue("Transfers").untilEmpty();
      return forLater(redriven)();
    }),
    scene("a poison message, and 1.00 for later behind it", -100, async () => {
      await sendPoison(cloud, alice.account);
      const responses = await forLater(behindPoison)();
      await redeliver(cloud, MOST_RECEIVES);
      await cloud.queue("Transfers").untilEmpty();
      expectDeadLetters(cloud, 1);
      return responses;
    }),
  ];
}

/** After so many receives in vain a message is a dead letter. */
const MOST_RECEIVES = 5;

/** Ends the visibility timeout of failed messages, which is a minute, without waiting for it. */
async function redeliver(cloud: Cloud, times: number): Promise<void> {
  const queue = cloud.queue("Transfers");
  for (let time = 0; time < times; time += 1) {
    await queue.untilIdle();
    queue.makeVisible();
  }
}

function killConsumerAfterCommit(cloud: Cloud): void {
  const remove = cloud.tap.onAnswer(async ({ operation, environmentId = "" }) => {
    if (operation !== "TransactWriteItems" || !isConsumer(environmentId)) return "pass";
    remove();
    await cloud.functions.kill(environmentId);
    return "drop";
  });
}

/** @returns a function that ends the fault. */
function breakConsumer(cloud: Cloud): () => void {
  return cloud.tap.onRequest(({ environmentId = "" }) =>
    isConsumer(environmentId) ? createRefusal("ValidationException") : "forward",
  );
}

function isConsumer(environmentId: string): boolean {
  return environmentId.startsWith("MakeTransfers");
}

/** Sends a message that no consumer can read, ahead of the account's next transfers. */
async function sendPoison(cloud: Cloud, account: string): Promise<void> {
  const client = new SQSClient({
    endpoint: cloud.sqsEndpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  try {
    await client.send(
      new SendMessageCommand({
        QueueUrl: cloud.queue("Transfers").url,
        MessageBody: "no transfer",
        MessageGroupId: account,
        MessageDeduplicationId: randomUUID(),
      }),
    );
  } finally {
    client.destroy();
  }
}

function expectDeadLetters(cloud: Cloud, count: number): void {
  const found = cloud.queue("TransfersDead").messages().length;
  if (found !== count) {
    throw new Error(
      `There are ${found} dead letters in the queue of transfers; expected ${count}.`,
    );
  }
}
