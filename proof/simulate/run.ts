import { runCommand } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";
import { readCommandLine } from "./command-line.ts";
import { searchInParallel } from "./pool.ts";
import type { Finding, HistorySearch } from "./search.ts";

/** The number of histories in which every planted fault must be found. */
const RUNS_WITHOUT = 50_000;

/** `npm run simulate -- --runs 100000 --seed 1`. */
async function main(): Promise<boolean> {
  const search = readCommandLine(process.argv.slice(2));
  console.log(`seed ${search.seed}`);
  const { finding, seconds } = await timed(search);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = ((user + system) / 1_000_000).toFixed(1);
  console.log(`${finding.runs} histories, ${seconds} s, of all processors ${cpuSeconds} s`);
  if (finding.violation !== undefined) {
    tell(finding.violation, search.without);
    return search.without !== undefined;
  }
  tellCounts(finding);
  // If no promise is broken without the safeguard, these histories do not test it.
  if (search.without !== undefined) return false;
  return search.path !== undefined || findPlanted(search.seed);
}

/** Removes one safeguard after the other: each must lead to a broken promise. */
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
      `${without.padEnd(34)} ${String(finding.runs).padStart(9)} ${seconds.padStart(8)}  ${violation?.text ?? "NO VIOLATION"}`,
    );
  }
  return areFound;
}

async function timed(search: HistorySearch): Promise<{ finding: Finding; seconds: string }> {
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
    `Every promise was kept. The layer's observations: ${sorted.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  );
}

await runCommand(main);
