import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readOptions } from "../../../local/process/command-line.ts";
import { runCommand } from "../../kit/command-line.ts";
import { type SearchOptions, VARIANTS, type Variant } from "./variants.ts";

const MODEL = fileURLToPath(new URL("protocol.pml", import.meta.url));

const USAGE = `Options:
  --quick  without the long searches`;

const OPTIONS = { quick: { type: "boolean", default: false } } as const;

/** The number of searches at once. */
const LANES = 2;

const run = promisify(execFile);

/** The result of a search. */
interface Finding {
  readonly found: Variant["expected"] | "unfinished";
  readonly states: number;
  readonly seconds: number;
}

/** `npm run model:next`, or `npm run model:next -- --quick` without the long searches. */
async function main(): Promise<boolean> {
  const { quick } = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  requirePrograms();
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    const search = await compile(folder);
    const variants = VARIANTS.filter(({ isLong }) => !(isLong && quick)).values();
    console.log(row("variant", "expected", "found", "states", "seconds"));
    const lanes = Array.from({ length: LANES }, () => searchInTurn(search, variants));
    return (await Promise.all(lanes)).every((isRight) => isRight);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function requirePrograms(): void {
  for (const name of ["spin", "gcc"]) {
    if (spawnSync(name, ["-V"]).error === undefined) continue;
    throw new Error(
      `The model needs ${name}, which is not installed. Install it, on Debian with: apt-get install spin gcc`,
    );
  }
}

type Search = (options: SearchOptions) => Promise<Finding>;

/** Compiles the one program that searches every variant. */
async function compile(cwd: string): Promise<Search> {
  const planted = plantedFaults();
  await run("spin", ["-a", MODEL], { cwd });
  await run("gcc", ["-O1", "-w", "-DSAFETY", "-DNOCLAIM", "-DMEMLIM=16000", "-o", "pan", "pan.c"], {
    cwd,
  });
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

function readFinding(report: string, seconds: number): Finding {
  const numberIn = (pattern: RegExp) => Number(pattern.exec(report)?.[1] ?? Number.NaN);
  const errors = numberIn(/errors: (\d+)/);
  const isComplete = !/Search not completed|max search depth too small|out of memory/.test(report);
  return {
    found: errors > 0 ? "violation" : errors === 0 && isComplete ? "holds" : "unfinished",
    states: numberIn(/([\d.e+]+) states, stored/),
    seconds,
  };
}

/** The lanes take their variants from one list. */
async function searchInTurn(search: Search, variants: Iterable<Variant>): Promise<boolean> {
  let isRight = true;
  for (const { title, expected, options, mostStates } of variants) {
    const { found, states, seconds } = await search(options);
    isRight &&= found === expected && states <= (mostStates ?? states);
    console.log(row(title, expected, found, String(states), seconds.toFixed(1)));
  }
  return isRight;
}

function row(title: string, expected: string, found: string, states: string, seconds: string) {
  return [
    title.padEnd(58),
    expected.padEnd(11),
    found.padEnd(11),
    states.padStart(10),
    seconds.padStart(8),
  ].join(" ");
}

await runCommand(main);
