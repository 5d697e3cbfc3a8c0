import type { Config } from "jest";
import config from "../../jest.config.ts";

const { testMatch: _all, ...common } = config;

/** The configuration of the tests that judge a mutant; `neighbours.ts` chooses them. */
export default {
  ...common,
  rootDir: "../..",
  roots: ["<rootDir>/lib", "<rootDir>/local", "<rootDir>/test"],
  testPathIgnorePatterns: ["dynamodb-local"],
  // `nearest-first.ts` chooses the files of each run.
  filter: "<rootDir>/proof/mutation/test-files.ts",
} satisfies Config;
