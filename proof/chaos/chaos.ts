import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../../local/cloud.ts";
import { type Chances, USUAL } from "./chances.ts";
import { check, type Violation } from "./checker.ts";
import { type Clients, clientsOf } from "./client.ts";
import { type Diary, keepDiary } from "./diary.ts";
import type { KeyHistory } from "./history.ts";
import { planner } from "./plan.ts";
import { randomOf } from "./random.ts";
import { renameRoutes } from "./renaming.ts";
import type { Stage } from "./stage.ts";
import { makeTrouble, type TroubleCounts } from "./trouble.ts";

/** How long, and by which decisions. */
export interface ChaosOptions {
  readonly seed: number;
  /** Seconds in which clients ask for new things; to settle takes a while longer. */
  readonly seconds: number;
  /** @default USUAL */
  readonly chances?: Chances | undefined;
  /** Takes a line about how it goes. */
  readonly report?: (line: string) => void;
}

/** What a run came to. */
export interface ChaosResult extends TroubleCounts {
  readonly keys: number;
  readonly requests: number;
  readonly violations: readonly Violation[];
  readonly diary: Diary;
}

const WORKERS = 12;
const LAST_WORKERS = 8;
const HOUR_MS = 60 * 60 * 1000;
const COMPLETER_PAUSE_MS = 2_000;
const REPORT_EVERY_MS = 5_000;

/**
 * Lets clients use the service while everything around it goes wrong; then, when nothing goes wrong
 * any more, lets them ask for the last time, and judges what they have seen and what is there.
 */
export async function runChaos(
  { sample, clocks, books }: Stage,
  { seed, seconds, chances = USUAL, report = () => {} }: ChaosOptions,
): Promise<ChaosResult> {
  const { cloud, bank, holders } = sample;
  clocks.disagree();
  await books.open();

  const startedMs = performance.now();
  const sinceStart = () => Math.round(performance.now() - startedMs);
  const isOver = () => sinceStart() >= seconds * 1000;
  const troubleRandom = randomOf(seed, "faults");
  const nextPlan = planner(randomOf(seed, "orders"), chances, [
    holders.alice.holder,
    holders.bob.holder,
  ]);
  const clients = clientsOf(sample, troubleRandom, { sinceStart, isOver });
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
  // All leases have lapsed then, and no answer has expired.
  clocks.agree(7 * HOUR_MS);
  await complete(cloud);
  report(`The faults have ended; ${histories.size} keys are asked for the last time.`);
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

/** Where the completer is killed, or fails, the checker finds what it has not finished. */
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
