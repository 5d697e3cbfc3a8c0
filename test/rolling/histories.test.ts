import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../../local/engine.ts";
import { clientOf, createTable } from "../support/table.ts";
import { chooseSeed, type HistoryTools, runHistory, type Told } from "./history.ts";
import { openLedger } from "./ledger.ts";
import { openNetworks } from "./network.ts";
import { loadVersions } from "./versions.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const seed = chooseSeed();
/** One history alone, to see it again: `ROLLING_SEED=… ROLLING_HISTORIES=1`. */
const HISTORIES = Number(process.env.ROLLING_HISTORIES ?? 60);
/** On a busy machine the rest is left out. */
const LONGEST_MS = process.env.ROLLING_HISTORIES ? Number.POSITIVE_INFINITY : 15_000;

async function openTools(isOneTable: boolean): Promise<HistoryTools> {
  const client = clientOf(engine);
  const table = await createTable(client);
  const recordsTables = { old: table, new: isOneTable ? table : await createTable(client) };
  const { requestHandler } = client.config;
  const networks = openNetworks(() => clientOf(engine, 1, requestHandler));
  const [versions, ledger] = [await loadVersions(), await openLedger(client)];
  return { client, networks, versions, ledger, recordsTables, deployed: ["old", "new"] };
}

/** The first history that breaks a promise; `undefined` = none does. */
async function findViolation(tools: HistoryTools): Promise<Told | undefined> {
  const endMs = performance.now() + LONGEST_MS;
  for (let index = 0; index < HISTORIES && performance.now() < endMs; index += 1) {
    const told = await runHistory(tools, (seed + index) & 0x7fffffff);
    if (told.violations.length > 0) return told;
  }
  return undefined;
}

test(`0.1.0 and the present version, side by side under kills: one payment for each key (ROLLING_SEED=${seed})`, async () => {
  const told = await findViolation(await openTools(true));
  // As text: the whole story is printed.
  expect(JSON.stringify(told, undefined, 2)).toBeUndefined();
}, 600_000);

test("with a table for each version the judge finds payments made twice", async () => {
  expect((await findViolation(await openTools(false)))?.violations).not.toEqual([]);
}, 60_000);
