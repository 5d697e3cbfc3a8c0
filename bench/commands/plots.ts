import { writeFile } from "node:fs/promises";
import type { TopLevelSpec } from "vega-lite";
import { draw } from "../plots/draw.ts";
import { concurrency, cost, cpuOverBare, freshTransfer, records, size } from "../plots/plots.ts";
import { RESULTS_FOLDER, readResults } from "../reports/results.ts";
import { readOptions } from "./command-line.ts";

const USAGE = `npm run plots: draws the figures of the commands, docs/performance/*.svg.
It reads docs/performance/*.json, which these commands write:
  npm run --silent bench -- --json > docs/performance/bench.json
and so on for cost, size and growth.`;

/** The plots, by the command that measures their figures. */
const PLOTS = {
  bench: { "fresh-transfer": freshTransfer, cpu: cpuOverBare },
  cost: { cost },
  size: { size },
  growth: { records, concurrency },
};

readOptions({}, USAGE);
for (const [command, plots] of Object.entries(PLOTS)) {
  const results = await readResultsOrFail(command);
  if (results === undefined) continue;
  for (const [name, plot] of Object.entries(plots)) {
    const svg = await draw((plot as (results: unknown) => TopLevelSpec)(results));
    await writeFile(`${RESULTS_FOLDER}${name}.svg`, svg);
    console.log(`docs/performance/${name}.svg`);
  }
}

/** The results of a command. Without them, the other plots are drawn and the exit status is 1. */
async function readResultsOrFail(command: string): Promise<unknown> {
  try {
    return await readResults(command);
  } catch (error) {
    console.error(`docs/performance/${command}.json: ${(error as Error).message}\n${USAGE}`);
    process.exitCode = 1;
    return undefined;
  }
}
