import { progress } from "../print/progress.ts";
import { randomOf, shuffled } from "../statistics/random.ts";
import { type Meter, type Timed, timeBlock } from "./time-block.ts";

/** How much is measured. */
export interface Plan {
  /** Independent repetitions, of which each gives a ratio: their spread is how sure it is. */
  readonly runs: number;
  /** In each run, every case has a turn in each round. */
  readonly rounds: number;
  /** Requests of a turn. */
  readonly requests: number;
  /** Turns of which nothing is kept, so that what is measured is compiled. */
  readonly warmUps: number;
}

/** Milliseconds of each request, by run. */
export type Samples = readonly (readonly number[])[];

/** Measures all cases in rounds; in each round they have their turns in an order of the seed's. */
export async function measureInRounds<Case extends Timed>(
  title: string,
  cases: readonly Case[],
  plan: Plan,
  meter: Meter,
  seed: number,
): Promise<Map<Case, Samples>> {
  const random = randomOf(seed);
  const samples = new Map(cases.map((one) => [one, [] as number[][]]));
  const total = plan.warmUps + plan.runs * plan.rounds;
  for (let turn = 0; turn < total; turn += 1) {
    progress(`${title}: round ${turn + 1} of ${total}`);
    const run = Math.floor((turn - plan.warmUps) / plan.rounds);
    for (const one of shuffled(cases, random)) {
      const block = await timeBlock(one, plan.requests, meter);
      if (run < 0) continue;
      const runs = samples.get(one) ?? [];
      runs[run] = [...(runs[run] ?? []), ...block];
    }
  }
  return samples;
}
