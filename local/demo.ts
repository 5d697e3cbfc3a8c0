import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Cloud, startCloud } from "./cloud.ts";
import { readCommandLine } from "./command-line.ts";
import { onShutdown } from "./process/shutdown.ts";
import {
  balanceMinorOf,
  killInMidTransfer,
  type SampleHolders,
  type SampleTransfer,
  seedSample,
  sendTransfer,
} from "./sample.ts";
import { synthesize } from "./synth.ts";

/** One line of the story; it must leave the sender with the expected balance. */
type Scene = {
  title: string;
  send(): Promise<Response[]>;
  /** By how much alice's balance must change. */
  changeMinor: number;
};

/** `npm run demo`: plays the story on a free port; fails when the money moved other than once. */
async function demo(): Promise<boolean> {
  const options = readCommandLine(process.argv.slice(2));
  let cloud: Cloud | undefined;
  onShutdown(async () => cloud?.close());
  try {
    console.log("Synthesizing the stack …");
    cloud = await startCloud({ port: 0, ...options, assembly: await synthesize() });
    console.log(`Engine: ${cloud.engine.name}. Runner: ${cloud.runner}. URL: ${cloud.url}\n`);
    return await play(cloud, await seedSample(cloud));
  } finally {
    await cloud?.close();
  }
}

async function play(cloud: Cloud, holders: SampleHolders): Promise<boolean> {
  const { alice, bob } = holders;
  const balances = async () => ({
    alice: await balanceMinorOf(cloud, alice),
    bob: await balanceMinorOf(cloud, bob),
  });
  const before = await balances();
  let expectedMinor = before.alice;
  let isRight = true;

  console.log("request".padEnd(TITLE_WIDTH) + columns("status", "replayed", "alice has"));
  for (const scene of story(cloud, holders)) {
    process.stdout.write(scene.title.padEnd(TITLE_WIDTH));
    const responses = await scene.send();
    expectedMinor += scene.changeMinor;
    const balanceMinor = await balanceMinorOf(cloud, alice);
    const isExpected = balanceMinor === expectedMinor;
    const verdict = isExpected ? "" : `  WRONG: expected ${inMajorUnits(expectedMinor)}`;
    console.log(columns(...summaryOf(responses), inMajorUnits(balanceMinor) + verdict));
    isRight &&= isExpected;
  }

  const after = await balances();
  const isConserved = after.alice + after.bob === before.alice + before.bob;
  console.log(
    `\nThe ledger: alice ${inMajorUnits(after.alice)}, bob ${inMajorUnits(after.bob)}; ` +
      `${isConserved ? "nothing was made or lost" : "WRONG: the sum has changed"}.`,
  );
  console.log(isRight ? "Every transfer moved the money once." : "The money did not move once.");
  return isRight && isConserved;
}

function story(cloud: Cloud, { alice, bob }: SampleHolders): Scene[] {
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

  return [
    { title: "alice sends bob 25.00", send: send(first), changeMinor: -2500 },
    { title: "the same again", send: send(first), changeMinor: 0 },
    {
      title: "another 10.00, 20 times at once",
      send: () => Promise.all(Array.from({ length: 20 }, () => sendTransfer(cloud, parallel))),
      changeMinor: -1000,
    },
    {
      title: "the first key with another amount",
      send: send({ ...first, amountMinor: 9900 }),
      changeMinor: 0,
    },
    {
      title: "bob sends 5.00 back with alice's first key",
      send: send({ from: bob, to: alice, amountMinor: 500, key: first.key }),
      changeMinor: 500,
    },
    {
      title: "7.00, and the function is killed in mid-transfer",
      send: () => {
        killInMidTransfer(cloud);
        return send(interrupted)();
      },
      changeMinor: -700,
    },
    {
      title: "the retry at once, while the dead owner's lease lasts",
      send: send(interrupted),
      changeMinor: 0,
    },
    {
      title: "the retries, until the lease has lapsed (up to 11 s) …",
      send: async () => [await sendUntilSettled(cloud, interrupted)],
      changeMinor: 0,
    },
  ];
}

const SETTLE_TIMEOUT_MS = 60_000;

/** Retries as a good client does: waits as long as `Retry-After` says. */
async function sendUntilSettled(cloud: Cloud, transfer: SampleTransfer): Promise<Response> {
  const giveUpAtMs = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const response = await sendTransfer(cloud, transfer);
    if (response.status !== 409 || Date.now() > giveUpAtMs) return response;
    await delay(Number(response.headers.get("retry-after") ?? 1) * 1000);
  }
}

/** The answers as status and replayed or not; equal ones are counted. */
function summaryOf(responses: Response[]): [status: string, replayed: string] {
  const statuses = countEqual(responses.map(({ status }) => String(status)));
  const replayed = responses.filter(({ headers }) => headers.get("idempotent-replayed") === "true");
  if (responses.length === 1) return [statuses, replayed.length > 0 ? "yes" : "no"];
  return [statuses, `${replayed.length} of ${responses.length}`];
}

function countEqual(texts: string[]): string {
  const distinct = [...new Set(texts)].sort();
  if (texts.length === 1) return distinct.join();
  return distinct
    .map((text) => `${texts.filter((other) => other === text).length} × ${text}`)
    .join(", ");
}

const TITLE_WIDTH = 59;

function columns(status: string, replayed: string, balance: string): string {
  return `${status.padEnd(18)} ${replayed.padEnd(10)} ${balance}`;
}

function inMajorUnits(amountMinor: number): string {
  return (amountMinor / 100).toFixed(2);
}

demo().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error) => {
    console.error((error as Error).message);
    process.exit(1);
  },
);
