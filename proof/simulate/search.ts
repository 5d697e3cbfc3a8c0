import fc from "fast-check";
import type { PlantedFault } from "../kit/planted-faults.ts";
import { play } from "./history.ts";
import { type Plan, plans } from "./plan.ts";
import { shorten } from "./shorten.ts";

/** Which histories are to happen. */
export interface Search {
  /** What the histories are made from: the same seed makes the same ones. */
  readonly seed: number;
  readonly runs: number;
  /** Only the one history that was found under this path. */
  readonly path?: string | undefined;
  /** The safeguard that is taken away. */
  readonly without?: PlantedFault | undefined;
}

/** What a search has come to. */
export interface Finding {
  /** How many histories have happened, up to the first in which a promise was broken. */
  readonly runs: number;
  readonly violation?: Violation;
  /** How often what has happened in them. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A promise that was broken, in the shortest history that breaks it. */
export interface Violation {
  readonly text: string;
  readonly story: readonly string[];
  readonly seed: number;
  /** Finds the history again. */
  readonly path: string;
}

/** Lets histories happen until one breaks a promise, and makes that one as short as it can be. */
export async function search({ seed, runs, path, without }: Search): Promise<Finding> {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const isBroken = async (plan: Plan) => (await play(plan, { without, count })) !== undefined;
  const { numRuns, counterexample, counterexamplePath } = await fc.check(
    fc.asyncProperty(plans, async (plan) => !(await isBroken(plan))),
    { seed, numRuns: runs, ...(path !== undefined && { path, endOnFailure: true }) },
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
