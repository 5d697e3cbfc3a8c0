import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { reportBench } from "./bench.ts";
import { reportColdStart } from "./coldstart.ts";
import { reportCost } from "./cost.ts";
import { reportGrowth } from "./growth.ts";
import { reportLean } from "./lean.ts";
import type { Blocks } from "./page.ts";
import { formatCaptioned, formatRun, type Report } from "./report.ts";
import { reportSize } from "./size.ts";

/** The committed results: a JSON file for each, written by the command of its name. */
export const RESULTS_FOLDER = fileURLToPath(new URL("../../docs/performance/", import.meta.url));

/** The reports of the committed results, by the names of the files. */
const REPORTS: Readonly<Record<string, (results: never) => Report>> = {
  bench: reportBench,
  "bench-quick": reportBench,
  growth: reportGrowth,
  size: reportSize,
  coldstart: reportColdStart,
  lean: reportLean,
  cost: reportCost,
};

export async function readResults(name: string): Promise<unknown> {
  return JSON.parse(await readFile(`${RESULTS_FOLDER}${name}.json`, "utf8"));
}

/** The blocks of docs/performance.md, out of all committed results. */
export async function readBlocks(): Promise<Blocks> {
  const blocks = new Map<string, string>();
  for (const [name, report] of Object.entries(REPORTS)) {
    const reported = report((await readResults(name)) as never);
    blocks.set(name, formatRun(reported));
    for (const table of reported.tables) {
      blocks.set(`${name} ${table.name}`, formatCaptioned(table));
    }
  }
  return blocks;
}
