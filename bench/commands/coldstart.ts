import { BASE, type ImportTimes, measureImports } from "../coldstart/import-times.ts";
import { machineLine } from "../print/machine.ts";
import { formatTable } from "../print/table.ts";
import { median, quantile } from "../statistics/quantile.ts";
import { readRounds } from "./command-line.ts";

const USAGE = `npm run coldstart: the time in which a new process imports a handler.
  --processes N  for each handler (default 25)
  --seed N       decides the order (default 1)
  --json         print one object, with overMs`;

const { processes, seed, json } = readRounds(USAGE);
const all = await measureImports(processes, seed);
const rows = all.map((arm) => ({ ...arm, ...computeStatistics(arm) }));

console.log(json ? JSON.stringify(asObject(), null, 2) : asText());

/**
 * The addition of a handler to the base is the difference of their fast quarters: other work on the
 * machine slows imports down, and hides a difference of a few milliseconds between medians.
 */
function computeStatistics({ packaging, cpuMs, wallMs }: ImportTimes) {
  const base = all.find((arm) => arm.packaging === packaging && arm.handler === BASE);
  return {
    medianMs: median(cpuMs),
    fastQuarterMs: quantile(cpuMs, 0.25),
    overMs: quantile(cpuMs, 0.25) - quantile(base?.cpuMs ?? [], 0.25),
    overInMediansMs: median(cpuMs) - median(base?.cpuMs ?? []),
    medianWallMs: median(wallMs),
  };
}

function asObject() {
  const [ours, powertools] = ["ours: Middy, DynamoDB", "Powertools: Middy"].map((handler) =>
    rows.find((row) => row.packaging === "bundled" && row.handler === handler),
  );
  return {
    machine: machineLine(),
    processes,
    seed,
    overMs: ours?.overMs,
    powertoolsOverMs: powertools?.overMs,
    imports: rows.map(({ cpuMs: _, wallMs: __, ...row }) => row),
  };
}

function asText(): string {
  const table = formatTable(rows, [
    { head: "packed", align: "left", cell: ({ packaging }) => packaging },
    { head: "handler", align: "left", cell: ({ handler }) => handler },
    { head: "import, median ms", cell: ({ medianMs }) => medianMs.toFixed(1) },
    { head: "fast quarter, ms", cell: ({ fastQuarterMs }) => fastQuarterMs.toFixed(1) },
    { head: "over the base, ms", cell: ({ overMs }) => overMs.toFixed(1) },
    { head: "over, in medians", cell: ({ overInMediansMs }) => overInMediansMs.toFixed(1) },
    { head: "on the wall, median ms", cell: ({ medianWallMs }) => medianWallMs.toFixed(1) },
  ]);
  return [
    machineLine(),
    `Import of a handler in a new process, ${processes} processes each, seed ${seed}. The base is "${BASE}".`,
    "Milliseconds are the CPU time of the process; over the base: the difference of the fast quarters.",
    "Bundled: with the SDK, as CDK's NodejsFunction bundles the sample. Unbundled: from node_modules.",
    table,
  ].join("\n\n");
}
