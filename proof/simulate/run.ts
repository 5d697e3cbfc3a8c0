import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { PLANTED_FAULTS, type PlantedFault } from "../planted-faults.ts";
import { searchInParallel } from "./pool.ts";
import type { Finding, Search } from "./search.ts";

const USAGE = `Options:
  --runs N        how many histories (default 100000)
  --quick         10000 of them
  --seed S        a whole number from which they are made (default: any; it is printed)
  --path P        only the history that was found under this path of its seed
  --without NAME  with a safeguard taken away: ${PLANTED_FAULTS.join(", ")}`;

/** In so many histories every planted fault is found. */
const RUNS_WITHOUT = 50_000;

/** `npm run simulate -- --runs 100000 --seed 1`. */
async function main(): Promise<boolean> {
  const asked = readCommandLine(process.argv.slice(2));
  console.log(`seed ${asked.seed}`);
  const { finding, seconds } = await timed(asked);
  console.log(`${finding.runs} histories, ${seconds} s`);
  if (finding.violation !== undefined) {
    tell(finding.violation, asked.without);
    return asked.without !== undefined;
  }
  if (asked.path !== undefined || asked.without !== undefined) return asked.without === undefined;
  tellCounts(finding);
  return findPlanted(asked.seed);
}

/** Takes one safeguard after the other away: what is not missed is not tested. */
async function findPlanted(seed: number): Promise<boolean> {
  console.log(
    `\n${"without this safeguard".padEnd(34)} ${"histories".padStart(9)} ${"seconds".padStart(8)}  found`,
  );
  let areFound = true;
  for (const without of PLANTED_FAULTS) {
    const { finding, seconds } = await timed({ seed, runs: RUNS_WITHOUT, without });
    const { violation } = finding;
    areFound &&= violation !== undefined;
    console.log(
      `${without.padEnd(34)} ${String(finding.runs).padStart(9)} ${seconds.padStart(8)}  ${violation?.text ?? "NOTHING"}`,
    );
  }
  return areFound;
}

async function timed(search: Search): Promise<{ finding: Finding; seconds: string }> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const finding = await searchInParallel(search, (runs) => {
    if (runs % 10_000 === 0) console.error(`${runs} histories, ${elapsed().toFixed(0)} s`);
  });
  return { finding, seconds: elapsed().toFixed(1) };
}

function tell(
  { text, story, seed, path }: NonNullable<Finding["violation"]>,
  without: PlantedFault | undefined,
): void {
  const option = without === undefined ? "" : ` --without "${without}"`;
  console.log(`\n${story.join("\n")}\n\nBroken: ${text}.`);
  console.log(`Again: npm run simulate -- --seed ${seed} --path ${path}${option}`);
}

function tellCounts({ counts }: Finding): void {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  console.log(
    `every promise was kept. What the layer did: ${sorted.map(([what, count]) => `${what} ${count}`).join(", ")}`,
  );
}

function readCommandLine(args: string[]): Search {
  const { quick, without, path, ...given } = parse(args);
  const seed = given.seed === undefined ? randomInt(2 ** 31) : integer("--seed", given.seed);
  const runs = integer("--runs", given.runs ?? (quick ? "10000" : "100000"));
  const fault = PLANTED_FAULTS.find((name) => name === without);
  if (runs < 1) throw new Error(`--runs must be above 0, not ${runs}.\n${USAGE}`);
  if (fault !== without) {
    throw new Error(
      `--without must be one of ${PLANTED_FAULTS.join(", ")}, not ${without}.\n${USAGE}`,
    );
  }
  return { seed, runs: path === undefined ? runs : 1, path, without: fault };
}

function parse(args: string[]) {
  const options = {
    runs: { type: "string" },
    quick: { type: "boolean" },
    seed: { type: "string" },
    path: { type: "string" },
    without: { type: "string" },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

function integer(option: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number, not ${text}.\n${USAGE}`);
}

process.exitCode = (await main()) ? 0 : 1;
