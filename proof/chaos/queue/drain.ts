import type { QueueBooks } from "./books.ts";
import type { QueueFinal, SentMessage } from "./history.ts";
import { type Journal, readNumber } from "./journal.ts";
import type { RunningQueue } from "./queues.ts";

/** More passes than the receives of a message in each place of a group. */
const MOST_PASSES = 40;
const MOST_REDRIVES = 6;

/**
 * Has every message processed without faults: an operator moves the dead letters back again and again,
 * but for those that can never be done.
 */
export async function drain(
  queues: readonly RunningQueue[],
  journal: Journal,
  books: QueueBooks,
): Promise<QueueFinal> {
  const hopeless = new Set<number>();
  await Promise.all(queues.map(empty));
  for (let redrives = 0; redrives < MOST_REDRIVES; redrives += 1) {
    const isHopeless = judgeHopeless(journal.messages, await books.read());
    for (const { dead } of queues) {
      const taken = dead.takeVisible((letter) => isHopeless(readNumber(letter)));
      for (const letter of taken) hopeless.add(readNumber(letter));
    }
    const left = queues.filter(({ dead }) => dead.messages().length > 0);
    if (left.length === 0) break;
    for (const queue of left) redrive(queue, journal);
    await Promise.all(left.map(empty));
  }
  const numbers = (letters: ReturnType<RunningQueue["dead"]["messages"]>) =>
    letters.map(readNumber);
  return {
    ...(await books.read()),
    dead: new Set([...hopeless, ...queues.flatMap(({ dead }) => numbers(dead.messages()))]),
    waiting: new Set(queues.flatMap(({ source }) => numbers(source.messages()))),
  };
}

/** Moves the dead letters back, and notes them. */
export function redrive(queue: RunningQueue, journal: Journal): void {
  journal.noteRedriven(queue.dead.messages());
  queue.redrive();
}

/** Takes everything out of a queue that is idle. */
export function purge({ source, dead }: RunningQueue): void {
  source.makeVisible();
  source.takeVisible(() => true);
  dead.takeVisible(() => true);
}

/** Delivers the messages of a queue until each is acknowledged or a dead letter. */
async function empty({ source, untilIdle }: RunningQueue): Promise<void> {
  await untilIdle();
  for (let passes = 0; passes < MOST_PASSES && source.messages().length > 0; passes += 1) {
    source.makeVisible();
    await untilIdle();
  }
}

/** Poison, and a message whose key belongs to another order that is done. */
function judgeHopeless(
  messages: readonly SentMessage[],
  { books, payments }: Pick<QueueFinal, "books" | "payments">,
): (number: number) => boolean {
  const effects = new Set([
    ...books.flatMap(({ entries }) => entries),
    ...payments.map(({ amountMinor }) => amountMinor),
  ]);
  const doneIds = new Set(
    messages.flatMap(({ order }) => (effects.has(order.mark) ? [order.id] : [])),
  );
  return (number) => {
    const order = messages[number]?.order;
    if (order === undefined) return false;
    return order.kind !== "proper" || (doneIds.has(order.id) && !effects.has(order.mark));
  };
}
