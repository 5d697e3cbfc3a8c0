import type { LogLevel, PartialStrykerOptions } from "@stryker-mutator/api/core";
import { testPatternsOf } from "./neighbours.ts";

/** Where the safety of the protocol is decided: nothing may survive here. */
export const CRITICAL = [
  "lib/dynamodb/expressions.ts",
  "lib/protocol/lease.ts",
  "lib/protocol/outcome.ts",
  "lib/protocol/verdict.ts",
];
const TESTS_NEXT_TO_THEM = ["/test/(dynamodb|protocol|store)/[^/]+\\.test\\.ts$"];

/** Killed of 100 mutants, over everything that is mutated. */
export const LOWEST_SCORE = 90;

/** What Stryker writes; not to be committed. */
export const REPORT = ".local/mutation/report.json";

/** What is mutated, and by which tests it is judged. */
export interface Scope {
  /** Only the critical files, with the tests next to them. */
  readonly quick: boolean;
  /** Only this file or folder. */
  readonly only?: string | undefined;
  /** Ask again only what has changed since the last run. */
  readonly incremental: boolean;
}

export function strykerOptions({ quick, only, incremental }: Scope): PartialStrykerOptions {
  return {
    mutate: quick ? CRITICAL : filesOf(only),
    testRunner: "nearest-first",
    plugins: [
      "@stryker-mutator/jest-runner",
      "./proof/mutation/nearest-first.ts",
      "./proof/mutation/progress.ts",
    ],
    jest: {
      configFile: "proof/mutation/jest.config.ts",
      // `nearest-first.ts` knows better which tests reach a mutant.
      enableFindRelatedTests: false,
      config: { testRegex: quick ? TESTS_NEXT_TO_THEM : testPatternsOf(only) },
    },
    coverageAnalysis: "perTest",
    concurrency: 2,
    // Each run of Jest leaves its modules in memory.
    maxTestRunnerReuse: 80,
    // Added to what the tests took without a mutant: the machine may be busy with others.
    timeoutMS: 5_000,
    // A file whose constants are mutated is judged by all of its tests. That is known.
    warnings: {
      slow: false,
      unknownOptions: true,
      preprocessorErrors: true,
      unserializableOptions: true,
    },
    reporters: ["survivors", "json"],
    jsonReporter: { fileName: REPORT },
    incremental,
    incrementalFile: ".local/mutation/incremental.json",
    tempDirName: ".local/mutation/sandbox",
    logLevel: "warn" as LogLevel,
    ignorePatterns: ["/.local", "/cdk.out", "/dist", "/coverage"],
    thresholds: { high: 100, low: 95, break: LOWEST_SCORE },
  };
}

function filesOf(path: string | undefined): string[] {
  if (path === undefined) return ["lib/**/*.ts", "!lib/{cdk,sample}/**"];
  return [path.endsWith(".ts") ? path : `${path}/**/*.ts`];
}
