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

/** A value, of all runs together, and how far it moved from run to run. */
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
    fastMs: quantile(all, 0.25),
    medianMs: median(all),
    p99Ms: quantile(all, 0.99),
    ofRunsMs,
  };
}

/** Combines figures, all in all and run by run: what slowed one run down did so on both sides. */
export function spreadOf(
  figures: readonly Figure[],
  combine: (...ofOneRun: number[]) => number,
): Spread {
  const values = (figures[0]?.ofRunsMs ?? []).map((_, run) =>
    combine(...figures.map(({ ofRunsMs }) => ofRunsMs[run] ?? Number.NaN)),
  );
  const value = combine(...figures.map(({ fastMs }) => fastMs));
  return { value, lowest: Math.min(...values), highest: Math.max(...values) };
}
