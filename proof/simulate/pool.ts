import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Finding, HistorySearch } from "./search.ts";

/** Histories per batch: few enough to show progress, and many enough to be worth a message. */
const BATCH = 1_000;

/** The difference of the batches' seeds. Each batch has its own, so that histories are the same on any machine. */
const NEXT_SEED = 0x9e3779b1;

/**
 * Searches on all processors.
 *
 * @param onProgress called with the number of histories so far.
 * @returns the counts of all histories, and the first violation in their order.
 */
export async function searchInParallel(
  { seed, runs, ...rest }: HistorySearch,
  onProgress: (runs: number) => void,
): Promise<Finding> {
  const batches = Array.from({ length: Math.ceil(runs / BATCH) }, (_, index) => ({
    ...rest,
    seed: (seed + index * NEXT_SEED) & 0x7fffffff,
    runs: Math.min(BATCH, runs - index * BATCH),
  }));
  const findings: Finding[] = [];
  let next = 0;
  let done = 0;
  let firstViolation = Number.POSITIVE_INFINITY;

  async function work(): Promise<void> {
    const worker = new Worker(new URL("worker.ts", import.meta.url));
    try {
      for (let index = next++; index < Math.min(batches.length, firstViolation); index = next++) {
        const finding = await searchBatch(worker, batches[index] as HistorySearch);
        findings[index] = finding;
        done += finding.runs;
        if (finding.violation !== undefined) firstViolation = Math.min(firstViolation, index);
        onProgress(done);
      }
    } finally {
      await worker.terminate();
    }
  }

  const threads = Math.min(availableParallelism(), batches.length);
  await Promise.all(Array.from({ length: threads }, work));
  return findings.slice(0, firstViolation + 1).reduce(joinFindings);
}

async function searchBatch(worker: Worker, batch: HistorySearch): Promise<Finding> {
  worker.postMessage(batch);
  const [finding] = await once(worker, "message");
  return finding;
}

function joinFindings(one: Finding, other: Finding): Finding {
  const counts = { ...one.counts };
  for (const [name, count] of Object.entries(other.counts)) {
    counts[name] = (counts[name] ?? 0) + count;
  }
  return { ...other, counts, runs: one.runs + other.runs };
}
