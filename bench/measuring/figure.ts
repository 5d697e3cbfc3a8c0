import { median, quantile } from "../statistics/quantile.ts";
import type { Samples } from "./rounds.ts";

/** What a case came to. */
export interface Figure {
  /** The fast quarter of the requests: what ratios are made of. */
  readonly fastMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The fast quarter of each run. */
  readonly ofRunsMs: readonly number[];
}

/** A value and how far it moved over the repeated runs. */
export interface Spread {
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * A figure is made of the fast quarter, because whatever else a machine does makes requests slower
 * and never faster: under load the median moves, and the quartile hardly.
 */
export function figureOf(samples: Samples): Figure {
  const ofRunsMs = samples.map((run) => quantile(run, 0.25));
  const all = samples.flat();
  return {
    fastMs: median(ofRunsMs),
    medianMs: median(all),
    p99Ms: quantile(all, 0.99),
    ofRunsMs,
  };
}

/** Combines figures run by run, so that what slowed one run down does so on both sides. */
export function spreadOf(
  figures: readonly Figure[],
  combine: (...ofOneRun: number[]) => number,
): Spread {
  const runs = figures[0]?.ofRunsMs.map((_, run) =>
    combine(...figures.map(({ ofRunsMs }) => ofRunsMs[run] ?? Number.NaN)),
  );
  const values = runs ?? [];
  return { value: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}
