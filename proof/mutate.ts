import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { CRITICAL, LOWEST_SCORE, REPORT, strykerOptions } from "./mutation/options.ts";
import { readReport } from "./mutation/report.ts";
import { hasSurvived, printScores, scoreOf, scoresOf } from "./mutation/scores.ts";
import { isExplained } from "./mutation/survivors.ts";

const USAGE = `Options:
  --quick        only the files in which nothing may survive, with the tests next to them
  --only PATH    only this file or folder of lib/
  --incremental  ask again only what has changed since the last run with this option`;

/** `npm run mutate -- [--quick] [--only PATH] [--incremental]`. */
async function main(): Promise<void> {
  await new Stryker(strykerOptions(readCommandLine())).runMutationTest();

  const mutants = readReport(REPORT);
  const scores = scoresOf(mutants);
  const total = scoreOf("all", mutants);
  const survivors = mutants.filter(hasSurvived);
  for (const survivor of survivors) {
    const { file, line, code, mutant } = survivor;
    const known = isExplained(survivor) ? "explained" : "NOT EXPLAINED";
    console.log(`${file}:${line} ${known}\n  ${code}\n  → ${mutant}`);
  }
  console.log(printScores([...scores, total]));
  const isProved =
    total.score >= LOWEST_SCORE &&
    scores.every(({ name, score }) => score === 100 || !CRITICAL.includes(name)) &&
    survivors.every(isExplained);
  process.exitCode = isProved ? 0 : 1;
}

function readCommandLine() {
  const options = {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    incremental: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

await main();
