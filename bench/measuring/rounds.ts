import { progress } from "../print/progress.ts";
import { randomOf, shuffled } from "../statistics/random.ts";
import { type Meter, type Timed, timeBlock } from "./time-block.ts";

/** How much is measured. */
export interface Plan {
  /** Independent repetitions, of which each gives a ratio: their spread is how sure it is. */
  readonly runs: number;
  /** Requests of a turn. */
  readonly requests: number;
  /** For so long nothing is kept, so that what is measured is compiled. */
  readonly warmUpMs: number;
  /** After so long no round begins, however slow the machine is; but each run has at least one. */
  readonly measureMs: number;
}

/** Milliseconds of each request, by run. */
export type Samples = readonly (readonly number[])[];

/**
 * Measures all cases in rounds; in each round they have their turns in an order of the seed's. The
 * rounds belong to the runs in turn, so that all runs have seen the same weather.
 */
export async function measureInRounds<Case extends Timed>(
  title: string,
  cases: readonly Case[],
  { runs, requests, warmUpMs, measureMs }: Plan,
  meter: Meter,
  seed: number,
): Promise<Map<Case, Samples>> {
  const random = randomOf(seed);
  const samples = new Map(cases.map((one) => [one, emptyRuns(runs)]));
  const warmMs = performance.now() + warmUpMs;
  while (performance.now() < warmMs) {
    progress(`${title}: warming up, ${secondsTo(warmMs)} s left`);
    for (const one of shuffled(cases, random)) await timeBlock(one, requests, meter);
  }
  const endMs = performance.now() + measureMs;
  for (let round = 0; round < runs || performance.now() < endMs; round += 1) {
    progress(`${title}: round ${round + 1}, ${secondsTo(endMs)} s left`);
    for (const one of shuffled(cases, random)) {
      samples.get(one)?.[round % runs]?.push(...(await timeBlock(one, requests, meter)));
    }
  }
  return samples;
}

function secondsTo(momentMs: number): number {
  return Math.max(0, Math.ceil((momentMs - performance.now()) / 1000));
}

function emptyRuns(runs: number): number[][] {
  return Array.from({ length: runs }, () => []);
}
