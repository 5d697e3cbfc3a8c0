import { runCommand } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";
import { readCommandLine } from "./command-line.ts";
import { searchInParallel } from "./pool.ts";
import type { Finding, Search } from "./search.ts";

/** In so many histories every planted fault is found. */
const RUNS_WITHOUT = 50_000;

/** `npm run simulate -- --runs 100000 --seed 1`. */
async function main(): Promise<boolean> {
  const asked = readCommandLine(process.argv.slice(2));
  console.log(`seed ${asked.seed}`);
  const { finding, seconds } = await timed(asked);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = ((user + system) / 1_000_000).toFixed(1);
  console.log(`${finding.runs} histories, ${seconds} s, of all processors ${cpuSeconds} s`);
  if (finding.violation !== undefined) {
    tell(finding.violation, asked.without);
    return asked.without !== undefined;
  }
  tellCounts(finding);
  // A safeguard that is not missed is one that these histories do not need.
  if (asked.without !== undefined) return false;
  return asked.path !== undefined || findPlanted(asked.seed);
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
    `Every promise was kept. What the layer did: ${sorted.map(([what, count]) => `${what} ${count}`).join(", ")}`,
  );
}

await runCommand(main);
