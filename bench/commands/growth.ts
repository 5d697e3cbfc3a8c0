import { measureByConcurrency } from "../growth/by-concurrency.ts";
import { measureByRecords } from "../growth/by-records.ts";
import { measureHotKey } from "../growth/hot-key.ts";
import { startEngineUnderTest } from "../measuring/engine-under-test.ts";
import { machineLine } from "../print/machine.ts";
import { progressDone } from "../print/progress.ts";
import { reportGrowth } from "../reports/growth.ts";
import { formatReport } from "../reports/report.ts";
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
  const machine = machineLine();
  const results = { machine, engine: engine.name, seed, byRecords, byConcurrency, hotKey };
  console.log(
    options.json ? JSON.stringify(results, null, 2) : formatReport(reportGrowth(results)),
  );
} finally {
  await engine.close();
}
