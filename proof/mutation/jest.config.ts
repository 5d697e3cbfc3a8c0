import type { Config } from "jest";
import config from "../../jest.config.ts";
import { PROOF_TESTS, TESTS_WITHOUT_MUTANTS } from "../../test/sets.ts";

/** The configuration of the tests that judge a mutant. */
export default {
  ...config,
  rootDir: "../..",
  roots: ["<rootDir>/lib", "<rootDir>/local", "<rootDir>/test"],
  testPathIgnorePatterns: [PROOF_TESTS, TESTS_WITHOUT_MUTANTS],
  // `nearest-first.ts` chooses the files of each run.
  filter: "<rootDir>/proof/mutation/test-files.ts",
} satisfies Config;
