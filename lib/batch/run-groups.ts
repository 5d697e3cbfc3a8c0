import type { BatchItem } from "./batch.ts";

/** The bounds of a run. */
export interface RunBounds {
  /** Groups that run side by side. */
  readonly concurrency: number;
  /** Whether there is time to begin another record. */
  readonly hasTime: () => boolean;
  /** Resolves when the run must end, with or without the records in work; absent = never. */
  readonly timeUp?: Promise<void>;
}

/** The end of a run. */
export interface RunResult {
  /** The records that are not done, in the order of the batch. */
  readonly undone: readonly BatchItem[];
  /** How many of them stand behind a failure of their group, and did not run. */
  readonly behindFailure: number;
  /** How many of them did not run, or not to their end, for lack of time. */
  readonly withoutTime: number;
}

/**
 * Runs the groups of a batch side by side, and the records of each in order. Behind a failure the rest of
 * its group does not run: in a FIFO queue the failed record would come after them.
 *
 * @param run resolves to whether the record is done; it never rejects.
 */
export async function runGroups(
  items: readonly BatchItem[],
  run: (item: BatchItem) => Promise<boolean>,
  { concurrency, hasTime, timeUp }: RunBounds,
): Promise<RunResult> {
  const done = new Set<BatchItem>();
  const behindFailure = new Set<BatchItem>();
  const failed = new Set<BatchItem>();
  let isOver = false;
  const waiting = groupsOf(items).values();

  async function work(): Promise<void> {
    for (const group of waiting) {
      for (const [index, item] of group.entries()) {
        if (isOver || !hasTime()) break;
        if (await run(item)) {
          done.add(item);
          continue;
        }
        failed.add(item);
        for (const next of group.slice(index + 1)) behindFailure.add(next);
        break;
      }
    }
  }

  const workers = Promise.all(Array.from({ length: concurrency }, work));
  await (timeUp === undefined ? workers : Promise.race([workers, timeUp]));
  isOver = true;
  const undone = items.filter((item) => !done.has(item));
  return {
    undone,
    behindFailure: behindFailure.size,
    withoutTime: undone.length - failed.size - behindFailure.size,
  };
}

function groupsOf(items: readonly BatchItem[]): readonly (readonly BatchItem[])[] {
  const groups = new Map<unknown, BatchItem[]>();
  for (const item of items) {
    const name = item.group ?? item;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
