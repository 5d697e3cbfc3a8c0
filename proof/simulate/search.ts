import fc from "fast-check";
import type { AnyFault } from "../kit/planted-faults.ts";
import { play } from "./history.ts";
import { KNOWN_HISTORIES } from "./known-histories.ts";
import { type HistoryPlan, plans } from "./plan.ts";
import { shorten } from "./shorten.ts";

/** The histories to play. */
export interface HistorySearch {
  /** The source of the histories: the same seed gives the same histories. */
  readonly seed: number;
  readonly runs: number;
  /** Plays only the history with this path. */
  readonly path?: string | undefined;
  /** The safeguard to remove. */
  readonly without?: AnyFault | undefined;
}

/** The result of a search. */
export interface Finding {
  /** The number of histories, up to the first with a broken promise. */
  readonly runs: number;
  readonly violation?: HistoryViolation;
  /** The number of each observation of the layer. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A broken promise, in the shortest history that breaks it. */
export interface HistoryViolation {
  readonly text: string;
  readonly story: readonly string[];
  readonly seed: number;
  /** Plays the history again, together with the seed. */
  readonly path: string;
}

const EXAMPLES = Object.values(KNOWN_HISTORIES).map((plan): [HistoryPlan] => [plan]);

/**
 * Plays histories until one breaks a promise, and shortens that history as far as possible. The known
 * histories come first.
 */
export async function search({ seed, runs, path, without }: HistorySearch): Promise<Finding> {
  const counts: Record<string, number> = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const isBroken = async (plan: HistoryPlan) => {
    if ((await play(plan, { without, count })) === undefined) return false;
    // The safeguard's absence is found in a history that breaks no promise with it.
    return without === undefined || (await play(plan)) === undefined;
  };
  const { numRuns, counterexample, counterexamplePath } = await fc.check(
    fc.asyncProperty(plans, async (plan) => !(await isBroken(plan))),
    {
      seed,
      numRuns: runs,
      examples: EXAMPLES,
      ...(path !== undefined && { path, endOnFailure: true }),
    },
  );
  if (counterexample === null) return { runs: numRuns, counts };
  const story: string[] = [];
  const plan = await shorten(counterexample[0], isBroken);
  const text = (await play(plan, { without, story })) ?? "";
  return {
    runs: numRuns,
    counts,
    violation: { text, story, seed, path: counterexamplePath ?? "" },
  };
}
