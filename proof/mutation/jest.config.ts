import type { Config } from "jest";
import config from "../../jest.config.ts";

const { testMatch: _all, ...common } = config;

/** How the tests run that judge a mutant; `neighbours.ts` says which. */
export default {
  ...common,
  rootDir: "../..",
  roots: ["<rootDir>/lib", "<rootDir>/local", "<rootDir>/test"],
  testPathIgnorePatterns: ["dynamodb-local"],
  // `nearest-first.ts` says for each run which of them.
  filter: "<rootDir>/proof/mutation/test-files.ts",
} satisfies Config;
