import { writeFile } from "node:fs/promises";
import { runCommand } from "../kit/command-line.ts";
import { ALL_FAULTS, type AnyFault, PLANTED_FAULTS } from "../kit/planted-faults.ts";
import { readCommandLine, type SimulateCommand } from "./command-line.ts";
import { searchInParallel } from "./pool.ts";
import type { Finding, HistorySearch, HistoryViolation } from "./search.ts";

/** The number of histories in which every planted fault must be found. */
const RUNS_WITHOUT = 200_000;

/** The result of one search, as the JSON document has it. */
interface SearchReport {
  readonly seed: number;
  readonly without?: AnyFault | undefined;
  readonly histories: number;
  readonly seconds: number;
  readonly violation?: HistoryViolation | undefined;
  readonly observations: Finding["counts"];
}

/** `npm run simulate -- --runs 100000 --seed 1`. */
async function main(): Promise<boolean> {
  const command = readCommandLine(process.argv.slice(2));
  // Standard output belongs to the document.
  const print = command.isJson ? console.error : console.log;
  const { without, path } = command;
  const searches: SearchReport[] = [];
  for (const seed of command.seeds) {
    print(`seed ${seed}`);
    const report = await search({ ...command, seed });
    searches.push(report);
    print(`${report.histories} histories, ${report.seconds.toFixed(1)} s`);
    tell(report, print);
  }
  const isBroken = searches.some(({ violation }) => violation !== undefined);
  const isWhole = !isBroken && without === undefined && path === undefined;
  const planted = isWhole ? await findPlanted(command, print) : [];
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1_000_000;
  print(`all processors ${cpuSeconds.toFixed(1)} s`);
  const document = JSON.stringify({ searches, planted, cpuSeconds }, undefined, 2);
  if (command.isJson) console.log(document);
  if (command.out !== undefined) await writeFile(command.out, `${document}\n`);
  // If no promise is broken without the safeguard, these histories do not test it.
  if (without !== undefined) return isBroken;
  return !isBroken && planted.every(({ violation }) => violation !== undefined);
}

/** Removes one safeguard after the other: each must lead to a broken promise. */
async function findPlanted(
  { seeds, isQuick }: SimulateCommand,
  print: (line: string) => void,
): Promise<SearchReport[]> {
  const [seed = 0] = seeds;
  print(`\n${"without this safeguard".padEnd(36)} histories  seconds  found`);
  const reports: SearchReport[] = [];
  for (const without of isQuick ? PLANTED_FAULTS : ALL_FAULTS) {
    const report = await search({ seed, runs: RUNS_WITHOUT, without });
    reports.push(report);
    const counted = String(report.histories).padStart(9);
    const seconds = report.seconds.toFixed(1).padStart(8);
    print(
      `${without.padEnd(36)} ${counted} ${seconds}  ${report.violation?.text ?? "NO VIOLATION"}`,
    );
  }
  return reports;
}

async function search({ seed, runs, path, without }: HistorySearch): Promise<SearchReport> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const finding = await searchInParallel({ seed, runs, path, without }, (done) => {
    if (done % 10_000 === 0) console.error(`${done} histories, ${elapsed().toFixed(0)} s`);
  });
  const { runs: histories, violation, counts: observations } = finding;
  return { seed, without, histories, seconds: elapsed(), violation, observations };
}

function tell(
  { violation, without, observations }: SearchReport,
  print: (line: string) => void,
): void {
  if (violation === undefined) {
    const sorted = Object.entries(observations).sort(([, one], [, other]) => other - one);
    const counts = sorted.map(([name, count]) => `${name} ${count}`).join(", ");
    print(`Every promise was kept. The layer's observations: ${counts}`);
  } else {
    const { text, story, seed, path } = violation;
    const option = without === undefined ? "" : ` --without "${without}"`;
    print(`\n${story.join("\n")}\n\nBroken: ${text}.`);
    print(`Again: npm run simulate -- --seed ${seed} --path ${path}${option}`);
  }
}

await runCommand(main);
