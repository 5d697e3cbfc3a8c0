import { Stryker } from "@stryker-mutator/core";
import { readOptions } from "../../local/process/command-line.ts";
import { runCommand } from "../kit/command-line.ts";
import { CRITICAL, LOWEST_SCORE, REPORT, strykerOptions } from "./options.ts";
import { readReport } from "./report.ts";
import { computeScore, hasSurvived, printScores, scoreFiles } from "./scores.ts";
import { isExplained } from "./survivors.ts";

const USAGE = `Options:
  --quick        only the files in which no mutant may survive, with the tests next to them
  --only PATH    only this file or folder of lib/
  --incremental  test only the changes since the last run with this option`;

/** `npm run mutate -- [--quick] [--only PATH] [--incremental]`. */
async function main(): Promise<boolean> {
  const scope = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  await new Stryker(strykerOptions(scope)).runMutationTest();

  const mutants = readReport(REPORT);
  const scores = scoreFiles(mutants);
  const total = computeScore("all", mutants);
  const survivors = mutants.filter(hasSurvived);
  for (const survivor of survivors) {
    const { file, line, sourceLine, code, mutant } = survivor;
    const known = isExplained(survivor) ? "explained" : "NOT EXPLAINED";
    console.log(`${file}:${line} ${known}\n  ${sourceLine}\n  ${code}\n  → ${mutant}`);
  }
  console.log(printScores([...scores, total]));
  return (
    total.score >= LOWEST_SCORE &&
    scores.every(({ name, score }) => score === 100 || !CRITICAL.includes(name)) &&
    survivors.every(isExplained)
  );
}

const OPTIONS = {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  incremental: { type: "boolean", default: false },
} as const;

await runCommand(main);
