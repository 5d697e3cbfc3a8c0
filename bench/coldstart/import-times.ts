import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createRandom } from "../../proof/kit/random.ts";
import type { HandlerName } from "../bundle/handlers.ts";
import { progress, progressDone } from "../print/progress.ts";
import { buildPackage, type Packaging, writeModule } from "./modules.ts";

/** The time of the import in each process. Equal indexes ran one after the other. */
export interface ImportTimes {
  readonly packaging: Packaging;
  readonly handler: HandlerName;
  /** The CPU time of the process: much the same if no other process uses the cores. */
  readonly cpuMs: readonly number[];
  /** The time on the wall, which other work on this machine makes longer. */
  readonly wallMs: readonly number[];
}

/** The handler that the other handlers extend by an import. */
export const BASE: HandlerName = "Middy and the bare SDK";

const COMPARED: readonly HandlerName[] = [BASE, "Powertools: Middy", "ours: Middy, DynamoDB"];

const IMPORT_ONCE = `const { user, system } = process.cpuUsage();
const startMs = performance.now();
await import(process.argv[1]);
const wallMs = performance.now() - startMs;
const now = process.cpuUsage();
console.log(JSON.stringify({ cpuMs: (now.user - user + now.system - system) / 1000, wallMs }));`;

/** Imports each handler in this many new processes, in rounds whose order the seed decides. */
export async function measureImports(processes: number, seed: number): Promise<ImportTimes[]> {
  const random = createRandom(seed);
  progress("building");
  await buildPackage();
  const arms: ImportArm[] = [];
  for (const packaging of ["bundled", "unbundled"] as const) {
    for (const handler of COMPARED) {
      const file = await writeModule(handler, packaging);
      arms.push({ packaging, handler, file, cpuMs: [], wallMs: [] });
      // The first import reads the files from the disk; Lambda has them in a cache as well.
      await importInNewProcess(file);
    }
  }
  for (let round = 1; round <= processes; round += 1) {
    progress(`importing, round ${round} of ${processes}`);
    for (const arm of random.shuffle(arms)) {
      const { cpuMs, wallMs } = await importInNewProcess(arm.file);
      arm.cpuMs.push(cpuMs);
      arm.wallMs.push(wallMs);
    }
  }
  progressDone();
  return arms.map(({ file: _, ...times }) => times);
}

interface ImportArm extends ImportTimes {
  readonly file: string;
  readonly cpuMs: number[];
  readonly wallMs: number[];
}

async function importInNewProcess(file: string): Promise<{ cpuMs: number; wallMs: number }> {
  const args = ["--input-type=module", "-e", IMPORT_ONCE, pathToFileURL(file).href];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}
