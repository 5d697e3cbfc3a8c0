import type { Config } from "jest";
import config from "../jest.config.ts";
import { INTEGRATION_TESTS, PROOF_TESTS } from "./sets.ts";

const { coverageThreshold: _ofAllTests, ...common } = config;

/** `npm run test:unit`: the tests that start nothing. */
export default {
  ...common,
  rootDir: "..",
  testPathIgnorePatterns: [PROOF_TESTS, INTEGRATION_TESTS],
} satisfies Config;
