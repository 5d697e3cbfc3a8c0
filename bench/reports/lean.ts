import { formatTable, groupDigits } from "../print/table.ts";
import type { Report } from "./report.ts";

/** All results of `npm run lean`. The first row is the SDK's. */
export interface LeanResults {
  readonly machine: string;
  readonly processes: number;
  readonly seed: number;
  readonly rows: readonly {
    readonly client: string;
    readonly minifiedBytes: number;
    readonly importMs: number;
    readonly firstRequestMs: number;
    /** The import as a share of the SDK's. */
    readonly vsSdk: number;
    /** Import and first request as a share of the SDK's. */
    readonly bothVsSdk: number;
  }[];
}

export function reportLean({ machine, processes, seed, rows }: LeanResults): Report {
  return {
    machine,
    notes: [
      `The same handler, Middy and dynamoDbStore, bundled with each client, ${processes} processes each, seed ${seed}.`,
      "Milliseconds are the main thread's CPU time, the fast quarter of all processes.",
    ],
    tables: [{ name: "clients", table: clientTable(rows) }],
  };
}

function clientTable(rows: LeanResults["rows"]): string {
  return formatTable(rows, [
    { head: "client", align: "left", cell: ({ client }) => client },
    { head: "bundle, bytes", cell: ({ minifiedBytes }) => groupDigits(minifiedBytes) },
    { head: "import, ms", cell: ({ importMs }) => importMs.toFixed(1) },
    { head: "against the SDK", cell: ({ vsSdk }) => vsSdk.toFixed(2) },
    { head: "first request, ms", cell: ({ firstRequestMs }) => firstRequestMs.toFixed(1) },
    { head: "both, against the SDK", cell: ({ bothVsSdk }) => bothVsSdk.toFixed(2) },
  ]);
}
