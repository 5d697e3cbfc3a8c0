import type { Config } from "jest";
import config from "../jest.config.ts";

const { coverageThreshold: _ofAllTests, ...common } = config;

/** `npm run test:proofs`: chaos and kill points hold, and find each fault that is planted. */
export default {
  ...common,
  rootDir: "..",
  testMatch: ["<rootDir>/test/**/*.proof.test.ts"],
  testPathIgnorePatterns: [],
  // Both use the whole machine.
  maxWorkers: 1,
} satisfies Config;
