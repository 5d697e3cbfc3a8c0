import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../../local/cloud.ts";
import { createRandom } from "../kit/random.ts";
import { type Chances, USUAL } from "./chances.ts";
import { type ChaosViolation, check } from "./checker.ts";
import { type Clients, createClients } from "./client.ts";
import { type Diary, keepDiary } from "./diary.ts";
import type { KeyHistory } from "./history.ts";
import { createPlanner } from "./plan.ts";
import { renameRoutes } from "./renaming.ts";
import type { ChaosStage } from "./stage.ts";
import { makeTrouble, type TroubleCounts } from "./trouble.ts";

/** The length of a run and its decisions. */
export interface ChaosOptions {
  readonly seed: number;
  /** Seconds in which clients send new orders; the end of the run takes a while longer. */
  readonly seconds: number;
  /** @default USUAL */
  readonly chances?: Chances | undefined;
  /** Takes a line about the progress. */
  readonly report?: (line: string) => void;
}

/** The counts and violations of a run. */
export interface ChaosResult extends TroubleCounts {
  readonly keys: number;
  readonly requests: number;
  readonly violations: readonly ChaosViolation[];
  readonly diary: Diary;
}

/** Streams of one seed: a draw for a fault changes no order. */
const ORDERS = 0;
const FAULTS = 1;

const WORKERS = 12;
const LAST_WORKERS = 8;
const HOUR_MS = 60 * 60 * 1000;
const COMPLETER_PAUSE_MS = 2_000;
const REPORT_EVERY_MS = 5_000;

/**
 * Lets clients use the service while faults disturb it. After the faults, the clients send each
 * order for the last time; then the responses and the tables are judged.
 */
export async function runChaos(
  { sample, clocks, books }: ChaosStage,
  { seed, seconds, chances = USUAL, report = () => {} }: ChaosOptions,
): Promise<ChaosResult> {
  const { cloud, bank, holders } = sample;
  clocks.disagree();
  await books.open();

  const startedMs = performance.now();
  const sinceStart = () => Math.round(performance.now() - startedMs);
  const isOver = () => sinceStart() >= seconds * 1000;
  const troubleRandom = createRandom(seed, FAULTS);
  const nextPlan = createPlanner(createRandom(seed, ORDERS), chances, [
    holders.alice.holder,
    holders.bob.holder,
  ]);
  const clients = createClients(sample, troubleRandom, { sinceStart, isOver });
  const diary = keepDiary(sinceStart);
  const trouble = makeTrouble(cloud, troubleRandom, chances, diary);
  const renaming = chances.renamedRoutes ? renameRoutes(cloud, troubleRandom) : undefined;
  const histories = new Set<KeyHistory>();
  const counts = () => ({
    keys: histories.size,
    requests: clients.requestCount(),
    ...trouble.counts(),
  });
  const progress = setInterval(() => report(JSON.stringify(counts())), REPORT_EVERY_MS);

  async function work(): Promise<void> {
    while (!isOver()) {
      const { visits, bank: misbehaviours } = nextPlan();
      bank.next(...misbehaviours);
      for (const { history } of visits) histories.add(history);
      await Promise.all(visits.map(clients.visit));
    }
  }

  try {
    await Promise.all([
      ...Array.from({ length: WORKERS }, work),
      completeNowAndThen(cloud, isOver),
      delay(seconds * 1000).then(trouble.end),
    ]);
  } finally {
    clearInterval(progress);
    renaming?.end();
  }

  bank.behave();
  // After 7 hours all leases have lapsed, and no response has expired.
  clocks.agree(7 * HOUR_MS);
  await complete(cloud);
  report(
    `The faults have ended; clients send the orders of ${histories.size} keys for the last time.`,
  );
  await askAllLast(clients, [...histories]);
  clocks.agree(14 * HOUR_MS);
  await complete(cloud);

  const violations = check([...histories], await books.read());
  return { ...counts(), violations, diary };
}

async function completeNowAndThen(cloud: Cloud, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await complete(cloud);
    await delay(COMPLETER_PAUSE_MS);
  }
}

/** Ignores a failure: if the completer is killed, or fails, the checker finds the unfinished requests. */
async function complete(cloud: Cloud): Promise<void> {
  await cloud.runSchedules().catch(() => {});
}

async function askAllLast(clients: Clients, histories: KeyHistory[]): Promise<void> {
  const rest = histories.values();
  await Promise.all(
    Array.from({ length: LAST_WORKERS }, async () => {
      for (const history of rest) await clients.askLast(history);
    }),
  );
}
