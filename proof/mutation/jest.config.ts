import type { Config } from "jest";
import config from "../../jest.config.ts";

const { testMatch: _all, ...common } = config;

/** The tests that judge a mutant: those that run `lib/` in their own process, and are quick. */
export default {
  ...common,
  rootDir: "../..",
  roots: ["<rootDir>/lib", "<rootDir>/local", "<rootDir>/test"],
  testRegex: [
    "test/(protocol|dynamodb|http|profiles|lifecycle|store|commit|completer|hostile)/.*\\.test\\.ts$",
    "test/options.test.ts$",
  ],
  testPathIgnorePatterns: ["dynamodb-local"],
  // `nearest-first.ts` says for each run which of them.
  filter: "<rootDir>/proof/mutation/test-files.ts",
} satisfies Config;
