import { basename, dirname } from "node:path";
import type { LogLevel, PartialStrykerOptions } from "@stryker-mutator/api/core";

/** The files that decide the safety of the protocol: in them, no mutant may be ignored either. */
export const CRITICAL = [
  "lib/dynamodb/expressions.ts",
  "lib/protocol/lease.ts",
  "lib/protocol/outcome.ts",
  "lib/protocol/verdict.ts",
];
/** The tests in the folders of the same names, and the contract of the store between them. */
const TESTS_NEXT_TO_THEM = [...CRITICAL.map((file) => basename(dirname(file))), "store"].map(
  (folder) => `<rootDir>/test/${folder}/*.test.ts`,
);

/** Stryker's report; not to be committed. */
export const REPORT = ".local/mutation/report.json";

/** The files to mutate. */
export interface Scope {
  /** Only the critical files, with the tests next to them. */
  readonly quick: boolean;
  /** Only this file or folder. */
  readonly only?: string | undefined;
  /** Test only mutants and tests that have changed since the last run. */
  readonly incremental: boolean;
}

export function strykerOptions({ quick, only, incremental }: Scope): PartialStrykerOptions {
  return {
    mutate: quick ? CRITICAL : listFiles(only),
    testRunner: "nearest-first",
    plugins: [
      "@stryker-mutator/jest-runner",
      "./proof/mutation/nearest-first.ts",
      "./proof/mutation/progress.ts",
    ],
    jest: {
      configFile: "proof/mutation/jest.config.ts",
      // `nearest-first.ts` chooses the tests.
      enableFindRelatedTests: false,
      config: quick ? { testMatch: TESTS_NEXT_TO_THEM } : {},
    },
    coverageAnalysis: "perTest",
    concurrency: 2,
    // Each run of Jest leaves its modules in memory.
    maxTestRunnerReuse: 80,
    // Added to the duration of the tests without a mutant, because the machine may be busy.
    timeoutMS: 5_000,
    // No warning that mutated constants run all tests of their file.
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
  };
}

function listFiles(path: string | undefined): string[] {
  // Other engines judge the one in memory, request by request (test/local/in-memory).
  if (path === undefined) return ["lib/**/*.ts", "!lib/{cdk,sample,testing/engine}/**"];
  return [path.endsWith(".ts") ? path : `${path}/**/*.ts`];
}
