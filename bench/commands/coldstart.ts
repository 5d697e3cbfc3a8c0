import { BASE, type ImportTimes, measureImports } from "../coldstart/import-times.ts";
import { machineLine } from "../print/machine.ts";
import { reportColdStart } from "../reports/coldstart.ts";
import { formatReport } from "../reports/report.ts";
import { median, quantile } from "../statistics/quantile.ts";
import { readRounds } from "./command-line.ts";

const USAGE = `npm run coldstart: the time in which a new process imports a handler.
  --processes N  for each handler (default 25)
  --seed N       decides the order (default 1)
  --json         print one object, with overMs`;

const { processes, seed, json } = readRounds(USAGE);
const all = await measureImports(processes, seed);
const imports = all.map((arm) => {
  const { packaging, handler } = arm;
  return { packaging, handler, ...computeStatistics(arm) };
});
const [ours, powertools] = ["ours: Middy, DynamoDB", "Powertools: Middy"].map((handler) =>
  imports.find((row) => row.packaging === "bundled" && row.handler === handler),
);
const results = {
  machine: machineLine(),
  processes,
  seed,
  overMs: ours?.overMs,
  powertoolsOverMs: powertools?.overMs,
  base: BASE,
  imports,
};
console.log(json ? JSON.stringify(results, null, 2) : formatReport(reportColdStart(results)));

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
