import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../../kit/random.ts";
import { type Diary, keepDiary } from "../diary.ts";
import { makeTrouble, type TroubleCounts } from "../trouble.ts";
import { type QueueChances, USUAL_OF_QUEUES } from "./chances.ts";
import { drain, purge, redrive } from "./drain.ts";
import type { QueueFinal, SentMessage } from "./history.ts";
import { keepJournal } from "./journal.ts";
import { createGroupPlanner } from "./plan.ts";
import type { RunningQueue } from "./queues.ts";
import { checkQueues, type QueueViolation } from "./rules.ts";
import { CONSUMERS, type QueueStage } from "./stage.ts";

/** The length of a run and its decisions. */
export interface QueueChaosOptions {
  readonly seed: number;
  /** Seconds in which the producer sends messages; the end of the run takes a while longer. */
  readonly seconds: number;
  /** @default USUAL_OF_QUEUES */
  readonly chances?: QueueChances | undefined;
  /** Whether the functions have one clock. @default false: up to 45 seconds apart */
  readonly clocksAgree?: boolean;
  /** Takes a line about the progress. */
  readonly report?: (line: string) => void;
}

/** The counts and violations of a run. */
export interface QueueChaosResult extends TroubleCounts {
  readonly orders: number;
  readonly messages: number;
  readonly batches: number;
  readonly deliveries: number;
  /** Messages that were moved back from a dead-letter queue. */
  readonly redriven: number;
  readonly deadLetters: number;
  readonly violations: readonly QueueViolation[];
  readonly history: readonly SentMessage[];
  readonly final: QueueFinal;
  readonly diary: Diary;
}

/** Streams of one seed: a draw for a fault changes no order. */
const ORDERS = 0;
const FAULTS = 1;
const QUEUES = 2;

/** The producer waits while a queue has more messages. */
const MOST_WAITING = 40;
const STRIKE_EVERY_MS = 600;
const REPORT_EVERY_MS = 5_000;
/** All leases have lapsed then. Powertools' records, which live an hour, have not ended. */
const LATER_MS = 10 * 60 * 1_000;

/**
 * Has consumers read queues while faults disturb them. After the faults every message is delivered
 * until it is acknowledged or can never be; then the ledger, the bank and the queues are judged.
 */
export async function runQueueChaos(
  stage: QueueStage,
  { seed, seconds, chances = USUAL_OF_QUEUES, clocksAgree, report = () => {} }: QueueChaosOptions,
): Promise<QueueChaosResult> {
  const { queues, bank, clocks, books } = stage;
  if (clocksAgree) clocks.agree(0);
  else clocks.disagree();
  await books.clear();

  const startedMs = performance.now();
  const sinceStart = () => Math.round(performance.now() - startedMs);
  const isOver = () => sinceStart() >= seconds * 1_000;
  const journal = keepJournal(books, sinceStart);
  stage.onBatch = journal.onBatch;
  const diary = keepDiary(sinceStart);
  const nextGroup = createGroupPlanner(createRandom(seed, ORDERS), chances);
  const trouble = makeTrouble(stage, createRandom(seed, FAULTS), chances, diary, CONSUMERS);
  const queueRandom = createRandom(seed, QUEUES);
  const used = queues.filter(({ name }) => chances.queues.includes(name));
  const strikes = setInterval(() => {
    for (const queue of used) {
      if (queueRandom.chance(chances.redelivery)) queue.source.makeVisible();
      if (queueRandom.chance(chances.redrive)) redrive(queue, journal);
    }
  }, STRIKE_EVERY_MS);
  const countEvents = (kind: string) =>
    journal.messages.reduce(
      (sum, { events }) => sum + events.filter((event) => event.kind === kind).length,
      0,
    );
  const counts = () => ({
    orders: new Set(journal.messages.map(({ order }) => order.id)).size,
    messages: journal.messages.length,
    batches: journal.batchCount(),
    deliveries: countEvents("delivered"),
    redriven: countEvents("redriven"),
    ...trouble.counts(),
  });
  const progress = setInterval(() => report(JSON.stringify(counts())), REPORT_EVERY_MS);

  async function produce(queue: RunningQueue): Promise<void> {
    while (!isOver()) {
      const { group, steps, bank: misbehaviours } = nextGroup(queue.name);
      await books.openAccount(group);
      bank.next(...misbehaviours);
      for (const { order, pauseMs } of steps) {
        await delay(pauseMs);
        journal.send(queue, order);
      }
      while (!isOver() && queue.source.messages().length > MOST_WAITING) await delay(50);
    }
  }

  try {
    await Promise.all([
      ...used.map(produce),
      delay(seconds * 1_000).then(() => {
        clearInterval(strikes);
        bank.behave();
        return trouble.end();
      }),
    ]);
  } finally {
    clearInterval(strikes);
    clearInterval(progress);
  }

  clocks.agree(LATER_MS);
  bank.behave();
  report(`The faults have ended; ${journal.messages.length} messages are delivered to the end.`);
  const final = await drain(used, journal, books);
  for (const queue of queues) purge(queue);
  const violations = checkQueues(journal.messages, final);
  const deadLetters = final.dead.size;
  return { ...counts(), deadLetters, violations, history: journal.messages, final, diary };
}
