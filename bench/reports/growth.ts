import type { Point } from "../growth/arms.ts";
import type { HotKey } from "../growth/hot-key.ts";
import { formatTable, groupDigits } from "../print/table.ts";
import type { Report } from "./report.ts";

/** All results of `npm run growth`. */
export interface GrowthResults {
  readonly machine: string;
  readonly engine: string;
  readonly seed: number;
  readonly byRecords: readonly Point[];
  readonly byConcurrency: readonly Point[];
  readonly hotKey: readonly HotKey[];
}

export function reportGrowth(results: GrowthResults): Report {
  const { machine, engine, seed, byRecords, byConcurrency, hotKey } = results;
  return {
    machine,
    notes: [`Engine: ${engine}, on loopback. Seed ${seed}. Milliseconds on the wall.`],
    tables: [
      {
        name: "records",
        caption: "Beside so many stored records:",
        table: pointTable("records", byRecords),
      },
      {
        name: "concurrency",
        caption: "With so many invocations at once in one process:",
        table: pointTable("at once", byConcurrency),
      },
      {
        name: "hot-key",
        caption:
          "One key, of which a duplicate comes 1,000 times a second. DynamoDB itself writes 1,000 units a second under one key; the engine here has no such limit.",
        table: hotKeyTable(hotKey),
      },
    ],
  };
}

function hotKeyTable(hotKey: readonly HotKey[]): string {
  return formatTable(hotKey, [
    { head: "line", align: "left", cell: ({ line }) => line },
    { head: "duplicates", cell: ({ duplicates }) => groupDigits(duplicates) },
    { head: "answered a second", cell: (row) => groupDigits(row.answeredPerSecond) },
    { head: "median", cell: ({ medianMs }) => medianMs.toFixed(2) },
    { head: "p99", cell: ({ p99Ms }) => p99Ms.toFixed(2) },
    { head: "CPU", cell: ({ cpuMs }) => cpuMs.toFixed(3) },
  ]);
}

function pointTable(head: string, points: readonly Point[]): string {
  const ordered = points.toSorted(
    (one, other) => one.path.localeCompare(other.path) || one.line.localeCompare(other.line),
  );
  return formatTable(ordered, [
    { head: "path", align: "left", cell: ({ path }) => path },
    { head: "line", align: "left", cell: ({ line }) => line },
    { head, cell: ({ at }) => groupDigits(at) },
    { head: "fast quarter", cell: ({ fastMs }) => fastMs.toFixed(3) },
    { head: "median", cell: ({ medianMs }) => medianMs.toFixed(3) },
    { head: "p99", cell: ({ p99Ms }) => p99Ms.toFixed(3) },
    { head: "CPU", cell: ({ cpuMs }) => cpuMs?.toFixed(3) ?? "" },
    { head: "of bare", cell: ({ ofBare }) => ofBare.toFixed(2) },
  ]);
}
