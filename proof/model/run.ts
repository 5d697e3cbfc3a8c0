import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readOptions } from "../../local/process/command-line.ts";
import { runCommand } from "../kit/command-line.ts";
import { type Finding, judgeFinding, printHead, readFinding, requirePrograms } from "./finding.ts";
import { type SearchOptions, VARIANTS, type Variant } from "./variants.ts";

const MODEL = fileURLToPath(new URL("protocol.pml", import.meta.url));

const USAGE = `Options:
  --quick  without the long searches`;

const OPTIONS = { quick: { type: "boolean", default: false } } as const;

/** The number of searches at once. */
const LANES = 2;

const run = promisify(execFile);

/** `npm run model`, or `npm run model -- --quick` without the long searches. */
async function main(): Promise<boolean> {
  const { quick } = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  requirePrograms();
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    const programs = new Map<number, Promise<Search>>();
    const search: Search = async ({ executions = 2, ...options }) => {
      const program = programs.get(executions) ?? compile(folder, executions, quick);
      programs.set(executions, program);
      return (await program)(options);
    };
    const variants = VARIANTS.filter(({ isLong }) => !(isLong && quick)).values();
    printHead();
    const lanes = Array.from({ length: LANES }, () => searchInTurn(search, variants));
    return (await Promise.all(lanes)).every((isRight) => isRight);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Search = (options: SearchOptions) => Promise<Finding>;

/** Compiles the program that searches every variant of so many executions. */
async function compile(parent: string, executions: number, quick: boolean): Promise<Search> {
  const planted = plantedFaults();
  const cwd = join(parent, String(executions));
  mkdirSync(cwd);
  await run("spin", ["-a", `-DN=${executions}`, MODEL], { cwd });
  // For short searches a fast compilation counts more.
  const optimization = quick ? "-O0" : "-O1";
  // Saves memory, and takes a little longer.
  const collapse = executions > 2 ? ["-DCOLLAPSE"] : [];
  const flags = [optimization, "-w", "-DSAFETY", "-DNOCLAIM", "-DMEMLIM=16000", ...collapse];
  await run("gcc", [...flags, "-o", "pan", "pan.c"], { cwd });
  return async ({ without, ...options }) => {
    const number = without === undefined ? 0 : planted.get(without);
    if (number === undefined) throw new Error(`The model has no fault ${without}.`);
    const startedAt = performance.now();
    const env = environment({ ...options, PLANTED: number });
    const { stdout } = await run("./pan", ["-m500000", "-w22"], {
      cwd,
      env,
      maxBuffer: 2 ** 26,
    });
    return readFinding(stdout, (performance.now() - startedAt) / 1000);
  };
}

/** The number of each safeguard that the model can leave out. */
function plantedFaults(): Map<string, number> {
  const definitions = readFileSync(MODEL, "utf8").matchAll(/#define (\w+) \(planted == (\d+)\)/g);
  return new Map([...definitions].map(([, name = "", number]) => [name, Number(number)]));
}

function environment(options: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}

/** The lanes take their variants from one list. */
async function searchInTurn(search: Search, variants: Iterable<Variant>): Promise<boolean> {
  let isRight = true;
  for (const variant of variants) {
    isRight = judgeFinding(variant, await search(variant.options)) && isRight;
  }
  return isRight;
}

await runCommand(main);
