import { progress } from "../print/progress.ts";
import { randomOf, shuffled } from "../statistics/random.ts";
import { type Meter, type Timed, timeBlock } from "./time-block.ts";

/** How much is measured. */
export interface Plan {
  /** Independent repetitions, of which each gives a ratio: their spread is how sure it is. */
  readonly runs: number;
  /** Requests of a turn. */
  readonly requests: number;
  /** Rounds of which nothing is kept, so that what is measured is compiled. */
  readonly warmUps: number;
  /** No round begins after so long, however slow the machine is; each run has at least one. */
  readonly budgetMs: number;
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
  { runs, requests, warmUps, budgetMs }: Plan,
  meter: Meter,
  seed: number,
): Promise<Map<Case, Samples>> {
  const random = randomOf(seed);
  const samples = new Map(cases.map((one) => [one, emptyRuns(runs)]));
  const endMs = performance.now() + budgetMs;
  for (let round = -warmUps; round < runs || performance.now() < endMs; round += 1) {
    const leftSeconds = Math.max(0, Math.ceil((endMs - performance.now()) / 1000));
    progress(`${title}: ${round < 0 ? "warming up" : `round ${round + 1}`}, ${leftSeconds} s left`);
    for (const one of shuffled(cases, random)) {
      const milliseconds = await timeBlock(one, requests, meter);
      if (round >= 0) samples.get(one)?.[round % runs]?.push(...milliseconds);
    }
  }
  return samples;
}

function emptyRuns(runs: number): number[][] {
  return Array.from({ length: runs }, () => []);
}
