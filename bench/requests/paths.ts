import type { Arm, Effect } from "../arms/arm.ts";

/** A way that a request can take, and what must be there before it. */
export interface Path {
  readonly name: string;
  readonly effect: Effect;
  readonly answerBytes: number;
  /** What was sent under the key before. */
  readonly before: "nothing" | "completed" | "in flight";
  /** Whether the request is the one that was sent before. */
  readonly request: "same" | "other payload";
  /** Whether the library's cache of completed records is on. */
  readonly cached: boolean;
  /** What the request must come to; the benchmark ends where it comes to something else. */
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

export const FRESH_OUTSIDE: Path = {
  ...FRESH,
  name: "fresh, outside effect",
  effect: "outside",
  answerBytes: SMALL,
};
export const FRESH_TRANSFER: Path = {
  ...FRESH,
  name: "fresh transfer",
  effect: "transfer",
  answerBytes: SMALL,
};
export const REPLAY_1KB: Path = { ...REPLAY, name: "replay, 1 KB", answerBytes: KB };
export const REPLAY_10KB: Path = { ...REPLAY, name: "replay, 10 KB", answerBytes: 10 * KB };
export const REPLAY_CACHED: Path = {
  ...REPLAY,
  name: "replay from the cache, 1 KB",
  answerBytes: KB,
  cached: true,
};

/** What is measured, in the order of the tables. */
export const PATHS: readonly Path[] = [
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
export function takes({ knows }: Arm, path: Path): boolean {
  if (path.cached) return knows.cache;
  if (path.request === "other payload") return knows.mismatch;
  if (path.before === "in flight") return knows.inFlight;
  if (path.before === "completed") return knows.repeats;
  return knows.outsideEffects || path.effect === "transfer";
}
