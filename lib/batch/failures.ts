import type { BatchItem, ItemIdentifier } from "./batch.ts";

/** The response of a batch: the records that its source sends again. */
export interface BatchFailures<Identifier = ItemIdentifier> {
  batchItemFailures: { itemIdentifier: Identifier }[];
}

/**
 * The records to report, out of those that are not done. A shard is taken up again at its lowest failure,
 * so one record of it says everything.
 *
 * @param undone in the order of the batch.
 */
export function reportFailures(undone: readonly BatchItem[]): BatchFailures {
  const reported = new Set<string>();
  const lowest = undone.filter(({ shard }) => {
    if (shard === undefined) return true;
    if (reported.has(shard)) return false;
    reported.add(shard);
    return true;
  });
  return { batchItemFailures: lowest.map(({ identifier }) => ({ itemIdentifier: identifier })) };
}
