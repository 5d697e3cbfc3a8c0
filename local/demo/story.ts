import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../cloud.ts";
import { queueScenes } from "./queue-scenes.ts";
import type { Sample } from "./sample.ts";
import {
  type SamplePayout,
  type SampleTransfer,
  sendPayout,
  sendTransfer,
} from "./sample-client.ts";

/** One line of the story: the requests, and their expected effect on the money. */
export type Scene = {
  title: string;
  send(): Promise<Response[]>;
  /** The expected change of alice's balance. */
  changeMinor: number;
  /** The amount that the bank must pay. */
  paysMinor: number;
};

/** The story that the demo plays: every way to repeat a request. */
export function story(sample: Sample): Scene[] {
  return [...transferScenes(sample), ...queueScenes(sample), ...payoutScenes(sample)];
}

function transferScenes({ cloud, holders: { alice, bob } }: Sample): Scene[] {
  const toBob = (amountMinor: number): SampleTransfer => ({
    from: alice,
    to: bob,
    amountMinor,
    key: randomUUID(),
  });
  const first = toBob(2500);
  const parallel = toBob(1000);
  const interrupted = toBob(700);
  const send = (transfer: SampleTransfer) => async () => [await sendTransfer(cloud, transfer)];
  const scene = (title: string, changeMinor: number, sends: Scene["send"]): Scene => ({
    title,
    send: sends,
    changeMinor,
    paysMinor: 0,
  });

  return [
    scene("alice sends bob 25.00", -2500, send(first)),
    scene("the same again", 0, send(first)),
    scene("another 10.00, 20 times at once", -1000, () =>
      Promise.all(Array.from({ length: 20 }, () => sendTransfer(cloud, parallel))),
    ),
    scene("the first key with another amount", 0, send({ ...first, amountMinor: 9900 })),
    scene(
      "bob sends 5.00 back with alice's first key",
      500,
      send({ from: bob, to: alice, amountMinor: 500, key: first.key }),
    ),
    scene("7.00, and the function is killed in mid-transfer", -700, () => {
      killAfterCommit(cloud);
      return send(interrupted)();
    }),
    scene("the retry at once: the record moved with the money", 0, send(interrupted)),
  ];
}

function payoutScenes({ cloud, bank, holders: { alice } }: Sample): Scene[] {
  const payout = (amountMinor: number): SamplePayout => ({
    from: alice,
    amountMinor,
    key: randomUUID(),
  });
  const first = payout(1200);
  const unanswered = payout(800);
  const interrupted = payout(600);
  const send = (sent: SamplePayout) => async () => [await sendPayout(cloud, sent)];
  /** The bank pays the amount in the scene in which it leaves the account, with any response. */
  const scene = (title: string, paysMinor: number, sends: Scene["send"]): Scene => ({
    title,
    send: sends,
    changeMinor: 0 - paysMinor,
    paysMinor,
  });

  return [
    scene("alice pays out 12.00 to another bank", 1200, send(first)),
    scene("the same again", 0, send(first)),
    scene("8.00, and the bank's answer is lost", 800, () => {
      bank.next("lose-answer");
      return send(unanswered)();
    }),
    scene("the retry, with the same key for the bank", 0, send(unanswered)),
    scene("6.00, and the function is killed once the bank has paid", 600, () => {
      killBeforeCommit(cloud);
      return send(interrupted)();
    }),
    scene("the retry at once, while the dead owner's lease lasts", 0, send(interrupted)),
    scene("the retries, until the lease has lapsed (up to 11 s) …", 0, async () => [
      await untilSettled(() => sendPayout(cloud, interrupted)),
    ]),
  ];
}

/** Kills the next function that commits, after the money has moved and before the function knows it. */
function killAfterCommit(cloud: Cloud): void {
  const remove = cloud.tap.onAnswer(async ({ operation, environmentId }) => {
    if (operation !== "TransactWriteItems" || !environmentId) return "pass";
    remove();
    await cloud.functions.kill(environmentId);
    return "drop";
  });
}

/** Kills the function of the next payout when it is about to commit the bank's answer. */
function killBeforeCommit(cloud: Cloud): void {
  let isReserved = false;
  const remove = cloud.tap.onRequest(async ({ operation, environmentId }) => {
    if (operation !== "TransactWriteItems" || !environmentId) return "forward";
    if (!isReserved) {
      isReserved = true;
      return "forward";
    }
    remove();
    await cloud.functions.kill(environmentId);
    return "drop-request";
  });
}

const SETTLE_TIMEOUT_MS = 60_000;

/** Retries as a good client does, after the time in `Retry-After`. */
async function untilSettled(send: () => Promise<Response>): Promise<Response> {
  const giveUpAtMs = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const response = await send();
    if (response.status !== 409 || Date.now() > giveUpAtMs) return response;
    await delay(Number(response.headers.get("retry-after") ?? 1) * 1000);
  }
}
