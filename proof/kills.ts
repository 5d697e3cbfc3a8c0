import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import type { Cloud } from "../local/cloud.ts";
import { type SampleHolders, startSample } from "../local/sample.ts";
import { balanceMinorOf, sendTransfer } from "../local/sample-client.ts";

/** Where the function that makes a transfer is killed, with SIGKILL, in mode `once`. */
const POINTS = {
  "before the transaction is sent": (cloud: Cloud) =>
    cloud.tap.onRequest(async ({ operation, environmentId = "" }) => {
      if (operation !== "TransactWriteItems") return "forward";
      await cloud.functions.kill(environmentId);
      return "drop-request";
    }),
  "after the transaction was carried out": (cloud: Cloud) =>
    cloud.tap.onAnswer(async ({ operation, environmentId = "" }) => {
      if (operation !== "TransactWriteItems") return "pass";
      await cloud.functions.kill(environmentId);
      return "drop";
    }),
  "before the client was told": (cloud: Cloud) =>
    cloud.functions.onAnswer(async ({ logicalId, environmentId }) => {
      if (!logicalId.startsWith("CreateTransfer")) return "pass";
      await cloud.functions.kill(environmentId);
      return "drop";
    }),
};

/** What the kills at one point came to. */
export interface KillCount {
  readonly point: string;
  readonly kills: number;
  /** Retries that ended otherwise than with one transfer and one answer, in words. */
  readonly violations: readonly string[];
}

/**
 * Kills the function at each point so often, and lets the client retry: the answer must be the same
 * on every retry, and the money must have moved once.
 */
export async function killAtEveryPoint(
  cloud: Cloud,
  holders: SampleHolders,
  times: number,
  report: (line: string) => void = () => {},
): Promise<KillCount[]> {
  const counts: KillCount[] = [];
  for (const [point, kill] of Object.entries(POINTS)) {
    const violations: string[] = [];
    for (let count = 1; count <= times; count += 1) {
      violations.push(...(await killOnce(cloud, holders, kill)));
      if (count % 25 === 0) report(`${point}: ${count} of ${times}`);
    }
    counts.push({ point, kills: times, violations });
  }
  return counts;
}

async function killOnce(
  cloud: Cloud,
  { alice, bob }: SampleHolders,
  kill: (cloud: Cloud) => () => void,
): Promise<string[]> {
  const transfer = { from: alice, to: bob, amountMinor: 1, key: randomUUID() };
  const before = await balancesOf(cloud, alice, bob);
  const stop = kill(cloud);
  const killed = await sendTransfer(cloud, transfer);
  stop();
  const retries = [await sendTransfer(cloud, transfer), await sendTransfer(cloud, transfer)];
  const after = await balancesOf(cloud, alice, bob);

  const texts = new Set(await Promise.all(retries.map((retry) => retry.text())));
  const statuses = retries.map(({ status }) => status);
  return [
    killed.status === 500 ? "" : `the killed request was answered with ${killed.status}`,
    statuses.every((status) => status === 201) ? "" : `the retries got ${statuses}`,
    texts.size === 1 ? "" : `the retries got ${texts.size} answers: ${[...texts].join(" and ")}`,
    after.alice === before.alice - 1 ? "" : `alice has ${before.alice} and then ${after.alice}`,
    after.bob === before.bob + 1 ? "" : `bob has ${before.bob} and then ${after.bob}`,
  ].filter((violation) => violation !== "");
}

async function balancesOf(cloud: Cloud, alice: SampleHolders["alice"], bob: SampleHolders["bob"]) {
  return { alice: await balanceMinorOf(cloud, alice), bob: await balanceMinorOf(cloud, bob) };
}

/** `npm run kills -- --times 200 --engine dynoxide`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { times: { type: "string", default: "200" }, engine: { type: "string" } },
  });
  const times = Number(values.times);
  if (!Number.isInteger(times) || times < 1) {
    throw new Error(`--times must be a whole number above 0, not ${values.times}.`);
  }
  const engine = values.engine as "dynoxide" | "dynamodb-local" | undefined;
  const sample = await startSample({ port: 0, ...(engine && { engine }) });
  const { cloud, holders } = sample;
  try {
    console.log(`Engine: ${cloud.engine.name}. Runner: ${cloud.runner}.`);
    const counts = await killAtEveryPoint(cloud, holders, times, console.error);
    for (const { point, kills, violations } of counts) {
      console.log(`${point.padEnd(40)} ${kills} kills, ${violations.length} violations`);
      for (const violation of violations) console.log(`  ${violation}`);
    }
    process.exitCode = counts.some(({ violations }) => violations.length > 0) ? 1 : 0;
  } finally {
    await sample.close();
  }
}

if (import.meta.main) await main();
