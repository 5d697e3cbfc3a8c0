import { median, quantile } from "../statistics/quantile.ts";
import type { Samples } from "./rounds.ts";

/** The figures of a case. */
export interface Figure {
  /** The fast quarter of the requests, the basis of the ratios. */
  readonly fastMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The fast quarter of each run. */
  readonly ofRunsMs: readonly number[];
}

/** A value of all runs together, with its lowest and highest value in a single run. */
export interface Spread {
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The basis of a figure is the fast quarter, because other work on the machine makes requests slower
 * and never faster: under load the median moves, and the quartile hardly moves.
 */
export function computeFigure(samples: Samples): Figure {
  const ofRunsMs = samples.map((run) => quantile(run, 0.25));
  const all = samples.flat();
  return {
    fastMs: quantile(all, 0.25),
    medianMs: median(all),
    p99Ms: quantile(all, 0.99),
    ofRunsMs,
  };
}

/** Combines figures over all runs and run by run: a slow run was slow on both sides. */
export function computeSpread(
  figures: readonly Figure[],
  combine: (...ofOneRun: number[]) => number,
): Spread {
  const values = (figures[0]?.ofRunsMs ?? []).map((_, run) =>
    combine(...figures.map(({ ofRunsMs }) => ofRunsMs[run] ?? Number.NaN)),
  );
  const value = combine(...figures.map(({ fastMs }) => fastMs));
  return { value, lowest: Math.min(...values), highest: Math.max(...values) };
}
