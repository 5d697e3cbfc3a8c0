import type { Arm } from "../arms/arm.ts";
import { createOurArm, type ReadFirst } from "../arms/ours.ts";
import { powertoolsMiddy } from "../arms/powertools.ts";

/** A configuration that decides the cost of repeats. */
export interface Strategy {
  readonly name: string;
  readonly arm: Arm;
  /** Whether the cache is on and the duplicate meets the process that answered the first request. */
  readonly cached: boolean;
}

const readFirst = (when: ReadFirst, cached = false): Strategy => ({
  name: `ours: readFirst ${when}${cached ? ", cache" : ""}`,
  arm: createOurArm("Middy", "start", when),
  cached,
});

export const CLAIM_FIRST = readFirst("never");
export const READ_ALWAYS = readFirst("always");
export const POWERTOOLS: Strategy = {
  name: "Powertools",
  arm: powertoolsMiddy,
  cached: false,
};

export const STRATEGIES: readonly Strategy[] = [
  POWERTOOLS,
  { ...POWERTOOLS, name: "Powertools, cache", cached: true },
  CLAIM_FIRST,
  readFirst("never", true),
  readFirst("suspected"),
  readFirst("suspected", true),
  READ_ALWAYS,
  readFirst("always", true),
];
