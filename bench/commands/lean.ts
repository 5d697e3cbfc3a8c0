import { type ColdStarts, measureColdStarts } from "../lean/cold-starts.ts";
import { machineLine } from "../print/machine.ts";
import { reportLean } from "../reports/lean.ts";
import { formatReport } from "../reports/report.ts";
import { quantile } from "../statistics/quantile.ts";
import { readRounds } from "./command-line.ts";

const USAGE = `npm run lean: the cold start of a handler with the AWS SDK, and with small clients in its place.
  --processes N  for each client (default 25)
  --seed N       decides the order (default 1)
  --json         print one object, with the ratios to the SDK`;

const { processes, seed, json } = readRounds(USAGE);
const all = await measureColdStarts(processes, seed);
const sdk = computeFigures(all[0]);
const rows = all.map((arm) => {
  const figures = computeFigures(arm);
  const { client, minifiedBytes } = arm;
  return {
    client,
    minifiedBytes,
    ...figures,
    vsSdk: figures.importMs / sdk.importMs,
    bothVsSdk: addUp(figures) / addUp(sdk),
  };
});
const results = { machine: machineLine(), processes, seed, rows };
console.log(json ? JSON.stringify(results, null, 2) : formatReport(reportLean(results)));

/** Fast quarters, because other work on the machine slows starts down. */
function computeFigures({ importMs, firstRequestMs }: Partial<ColdStarts> = {}) {
  const [imported, requested] = [importMs ?? [], firstRequestMs ?? []];
  return { importMs: quantile(imported, 0.25), firstRequestMs: quantile(requested, 0.25) };
}

function addUp({ importMs, firstRequestMs }: ReturnType<typeof computeFigures>): number {
  return importMs + firstRequestMs;
}
