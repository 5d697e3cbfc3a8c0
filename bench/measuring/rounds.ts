import { createRandom } from "../../proof/kit/random.ts";
import { progress } from "../print/progress.ts";
import { type Meter, type Timed, timeBlock } from "./time-block.ts";

/** The extent of a measurement. */
export interface MeasuringPlan {
  /** Independent repetitions, one ratio each. Their spread shows the uncertainty. */
  readonly runs: number;
  /** The requests of a turn. */
  readonly requests: number;
  /** The time in which samples are dropped, so that measured code is compiled. */
  readonly warmUpMs: number;
  /** The time after which no round begins, however slow the machine is. Each run has at least one. */
  readonly measureMs: number;
}

/** The milliseconds of each request, by run. */
export type Samples = readonly (readonly number[])[];

/**
 * Measures all cases in rounds. In each round the seed decides the order of their turns. The rounds
 * belong to the runs in turn, so that all runs see the same load of the machine.
 */
export async function measureInRounds<Case extends Timed>(
  title: string,
  cases: readonly Case[],
  { runs, requests, warmUpMs, measureMs }: MeasuringPlan,
  meter: Meter,
  seed: number,
): Promise<Map<Case, Samples>> {
  const random = createRandom(seed);
  const samples = new Map(cases.map((one) => [one, emptyRuns(runs)]));
  const warmMs = performance.now() + warmUpMs;
  while (performance.now() < warmMs) {
    progress(`${title}: warming up, ${secondsTo(warmMs)} s left`);
    for (const one of random.shuffle(cases)) await timeBlock(one, requests, meter);
  }
  const endMs = performance.now() + measureMs;
  for (let round = 0; round < runs || performance.now() < endMs; round += 1) {
    progress(`${title}: round ${round + 1}, ${secondsTo(endMs)} s left`);
    for (const one of random.shuffle(cases)) {
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
