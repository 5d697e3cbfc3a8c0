import { formatTable } from "../print/table.ts";
import type { Report } from "./report.ts";

/** All results of `npm run coldstart`. */
export interface ColdStartResults {
  readonly machine: string;
  readonly processes: number;
  readonly seed: number;
  /** The handler to which the others are compared. */
  readonly base: string;
  readonly imports: readonly {
    readonly packaging: string;
    readonly handler: string;
    readonly medianMs: number;
    readonly fastQuarterMs: number;
    readonly overMs: number;
    readonly overInMediansMs: number;
    readonly medianWallMs: number;
  }[];
}

export function reportColdStart(results: ColdStartResults): Report {
  const { machine, processes, seed, base, imports } = results;
  return {
    machine,
    notes: [
      `Import of a handler in a new process, ${processes} processes each, seed ${seed}. The base is "${base}".`,
      "Milliseconds are the CPU time of the process; over the base: the difference of the fast quarters.",
      "Bundled: with the SDK, as CDK's NodejsFunction bundles the sample. Unbundled: from node_modules.",
    ],
    tables: [{ name: "imports", table: importTable(imports) }],
  };
}

function importTable(imports: ColdStartResults["imports"]): string {
  return formatTable(imports, [
    { head: "packed", align: "left", cell: ({ packaging }) => packaging },
    { head: "handler", align: "left", cell: ({ handler }) => handler },
    { head: "import, median ms", cell: ({ medianMs }) => medianMs.toFixed(1) },
    { head: "fast quarter, ms", cell: ({ fastQuarterMs }) => fastQuarterMs.toFixed(1) },
    { head: "over the base, ms", cell: ({ overMs }) => overMs.toFixed(1) },
    { head: "over, in medians", cell: ({ overInMediansMs }) => overInMediansMs.toFixed(1) },
    { head: "on the wall, median ms", cell: ({ medianWallMs }) => medianWallMs.toFixed(1) },
  ]);
}
