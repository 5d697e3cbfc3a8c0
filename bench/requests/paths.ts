import type { Arm, Effect } from "../arms/arm.ts";

/** A path of a request through a handler, with the state before the request. */
export interface BenchPath {
  readonly name: string;
  readonly effect: Effect;
  readonly answerBytes: number;
  /** The earlier request under the key. */
  readonly before: "nothing" | "completed" | "in flight";
  /** Whether the request equals the earlier request. */
  readonly request: "same" | "other payload";
  /** Whether to turn on the library's cache of completed records. */
  readonly cached: boolean;
  /** The expected outcome. The benchmark ends at any other outcome. */
  readonly expected: "executed" | "replayed" | "refused";
}

const KB = 1024;
const SMALL = KB / 2;

const FRESH = { before: "nothing", request: "same", cached: false, expected: "executed" } as const;
const REPLAY = {
  effect: "outside",
  before: "completed",
  request: "same",
  cached: false,
  expected: "replayed",
} as const;
const REFUSED = {
  effect: "outside",
  answerBytes: SMALL,
  cached: false,
  expected: "refused",
} as const;

export const FRESH_OUTSIDE: BenchPath = {
  ...FRESH,
  name: "fresh, outside effect",
  effect: "outside",
  answerBytes: SMALL,
};
export const FRESH_TRANSFER: BenchPath = {
  ...FRESH,
  name: "fresh transfer",
  effect: "transfer",
  answerBytes: SMALL,
};
export const REPLAY_1KB: BenchPath = { ...REPLAY, name: "replay, 1 KB", answerBytes: KB };
export const REPLAY_10KB: BenchPath = { ...REPLAY, name: "replay, 10 KB", answerBytes: 10 * KB };
export const REPLAY_CACHED: BenchPath = {
  ...REPLAY,
  name: "replay from the cache, 1 KB",
  answerBytes: KB,
  cached: true,
};

/** The measured paths, in the order of the tables. */
export const PATHS: readonly BenchPath[] = [
  FRESH_OUTSIDE,
  FRESH_TRANSFER,
  REPLAY_1KB,
  REPLAY_10KB,
  { ...REPLAY, name: "replay, 100 KB", answerBytes: 100 * KB },
  REPLAY_CACHED,
  { ...REFUSED, name: "in flight", before: "in flight", request: "same" },
  { ...REFUSED, name: "mismatch", before: "completed", request: "other payload" },
];

/** Whether an arm can take a path. */
export function canTake({ knows }: Arm, path: BenchPath): boolean {
  if (path.cached) return knows.cache;
  if (path.request === "other payload") return knows.mismatch;
  if (path.before === "in flight") return knows.inFlight;
  if (path.before === "completed") return knows.repeats;
  return knows.outsideEffects || path.effect === "transfer";
}
