import type { Measured } from "../cost/measure.ts";
import type { Point } from "../growth/arms.ts";
import type { Row } from "../links/links.ts";

/** The members that the plots read of the objects that commands print with `--json`. */

export interface BenchResults {
  readonly rows: readonly Row[];
}

export interface CostResults {
  readonly requests: readonly (Measured & {
    readonly perMillion: readonly { readonly duplicates: number; readonly dollars: number }[];
  })[];
}

export interface SizeResults {
  readonly bundles: readonly {
    readonly handler: string;
    readonly sdkOut: { readonly minifiedBytes: number };
  }[];
}

export interface GrowthResults {
  readonly byRecords: readonly Point[];
  readonly byConcurrency: readonly Point[];
}
