import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Finding, Search } from "./search.ts";

/** Few enough for progress to be seen, and many enough for starting a thread to be worth it. */
const BATCH = 1_000;

/** Every batch is made from a seed of its own, so that histories are the same on any machine. */
const NEXT_SEED = 0x9e3779b1;

/**
 * Searches on all processors.
 *
 * @param onProgress told how many histories have happened.
 * @returns the counts of all, and the violation that comes first in the order of the histories.
 */
export async function searchInParallel(
  { seed, runs, ...rest }: Search,
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
        const finding = await ask(worker, batches[index] as Search);
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
  return findings.slice(0, firstViolation + 1).reduce(joined);
}

async function ask(worker: Worker, batch: Search): Promise<Finding> {
  worker.postMessage(batch);
  const [finding] = await once(worker, "message");
  return finding;
}

function joined(one: Finding, other: Finding): Finding {
  const counts = { ...one.counts };
  for (const [what, count] of Object.entries(other.counts)) {
    counts[what] = (counts[what] ?? 0) + count;
  }
  return { ...other, counts, runs: one.runs + other.runs };
}
