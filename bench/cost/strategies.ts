import type { Arm } from "../arms/arm.ts";
import { ours, type ReadFirst } from "../arms/ours.ts";
import { powertoolsMiddy } from "../arms/powertools.ts";

/** A way to be set up that decides what repeats cost. */
export interface Strategy {
  readonly name: string;
  readonly arm: Arm;
  /** With the cache on, and the duplicate in the process that has answered the first. */
  readonly cached: boolean;
}

const readFirst = (when: ReadFirst, cached = false): Strategy => ({
  name: `ours: readFirst ${when}${cached ? ", cache" : ""}`,
  arm: ours("Middy", "start", when),
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
