import type { Point } from "../growth/arms.ts";
import { measureByConcurrency } from "../growth/by-concurrency.ts";
import { measureByRecords } from "../growth/by-records.ts";
import { type HotKey, measureHotKey } from "../growth/hot-key.ts";
import { startEngineUnderTest } from "../measuring/engine-under-test.ts";
import { machineLine } from "../print/machine.ts";
import { progressDone } from "../print/progress.ts";
import { formatTable, groupDigits } from "../print/table.ts";
import { readCount, readOptions } from "./command-line.ts";

const USAGE = `npm run growth: the cost of requests beside many records, many others, and many duplicates.
  --records N  number of records in the end (default 1000000)
  --seed N     decides the order (default 1)
  --json       print one object`;

const options = readOptions(
  {
    records: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean" },
  },
  USAGE,
);
const most = readCount("--records", options.records, USAGE);
const seed = readCount("--seed", options.seed, USAGE);

const engine = await startEngineUnderTest();
try {
  const byConcurrency = await measureByConcurrency(engine, seed);
  const hotKey = await measureHotKey(engine);
  const counts = [1_000, 100_000, most].filter((count) => count <= most);
  const byRecords = await measureByRecords(engine, [...new Set(counts)], seed);
  progressDone();
  const results = { engine: engine.name, seed, byRecords, byConcurrency, hotKey };
  console.log(
    options.json
      ? JSON.stringify({ machine: machineLine(), ...results }, null, 2)
      : asText(engine.name, byRecords, byConcurrency, hotKey),
  );
} finally {
  await engine.close();
}

function asText(name: string, records: Point[], concurrency: Point[], hotKey: HotKey[]): string {
  return [
    machineLine(),
    `Engine: ${name}, on loopback. Seed ${seed}. Milliseconds on the wall.`,
    "Beside so many stored records:",
    pointTable("records", records),
    "With so many invocations at once in one process:",
    pointTable("at once", concurrency),
    "One key, of which a duplicate comes 1,000 times a second. DynamoDB itself writes 1,000 units a second under one key; the engine here has no such limit.",
    formatTable(hotKey, [
      { head: "line", align: "left", cell: ({ line }) => line },
      { head: "duplicates", cell: ({ duplicates }) => groupDigits(duplicates) },
      { head: "answered a second", cell: (row) => groupDigits(row.answeredPerSecond) },
      { head: "median", cell: ({ medianMs }) => medianMs.toFixed(2) },
      { head: "p99", cell: ({ p99Ms }) => p99Ms.toFixed(2) },
      { head: "CPU", cell: ({ cpuMs }) => cpuMs.toFixed(3) },
    ]),
  ].join("\n\n");
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
