import type { BatchItem } from "./batch.ts";

/** The bounds of a run. */
export interface RunBounds {
  /** Groups that run side by side. */
  readonly concurrency: number;
  /** Whether there is time to begin another record. */
  readonly hasTime: () => boolean;
}

/** The end of a run. */
export interface RunResult {
  /** The records that are not done, in the order of the batch. */
  readonly undone: readonly BatchItem[];
  /** How many of them stand behind a failure of their group, and did not run. */
  readonly behindFailure: number;
  /** How many of them did not run for lack of time. */
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
  { concurrency, hasTime }: RunBounds,
): Promise<RunResult> {
  const done = new Set<BatchItem>();
  const behindFailure = new Set<BatchItem>();
  const failed = new Set<BatchItem>();
  const waiting = groupsOf(items).values();

  async function work(): Promise<void> {
    for (const group of waiting) {
      for (const [index, item] of group.entries()) {
        if (!hasTime()) break;
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

  await Promise.all(Array.from({ length: concurrency }, work));
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
