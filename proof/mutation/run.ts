import { Stryker } from "@stryker-mutator/core";
import { readOptions } from "../../local/process/command-line.ts";
import { runCommand } from "../kit/command-line.ts";
import { CRITICAL, REPORT, strykerOptions } from "./options.ts";
import { readReport } from "./report.ts";
import { computeScore, hasSurvived, printScores, scoreFiles } from "./scores.ts";

const USAGE = `Options:
  --quick        only the files in which no mutant may be ignored, with the tests next to them
  --only PATH    only this file or folder of lib/
  --incremental  test only the changes since the last run with this option`;

/** `npm run mutate -- [--quick] [--only PATH] [--incremental]`. */
async function main(): Promise<boolean> {
  const scope = readOptions(process.argv.slice(2), OPTIONS, USAGE);
  await new Stryker(strykerOptions(scope)).runMutationTest();

  const mutants = readReport(REPORT);
  for (const { file, line, sourceLine, code, mutator, mutant } of mutants.filter(hasSurvived)) {
    console.log(`${file}:${line} ${mutator}\n  ${sourceLine}\n  ${code}\n  → ${mutant}`);
  }
  const scores = scoreFiles(mutants);
  const total = computeScore("all", mutants);
  console.log(printScores([...scores, total]));
  const wronglyIgnored = scores.filter(
    ({ name, ignored }) => ignored > 0 && CRITICAL.includes(name),
  );
  for (const { name } of wronglyIgnored) console.log(`No mutant may be ignored in ${name}.`);
  return total.survived === 0 && wronglyIgnored.length === 0;
}

const OPTIONS = {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  incremental: { type: "boolean", default: false },
} as const;

await runCommand(main);
