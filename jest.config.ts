import type { Config } from "jest";
import { entryPoints } from "./release/entry-points.ts";
import { PROOF_TESTS } from "./test/sets.ts";

export default {
  testEnvironment: "node",
  // Tests start processes and engines, on machines that may be busy with others.
  testTimeout: 30_000,
  // Most of them wait for those, also on a machine of two cores.
  maxWorkers: 2,
  // Node 24 strips types by itself.
  transform: {},
  extensionsToTreatAsEsm: [".ts"],
  // The examples import the package by its name, as users do.
  moduleNameMapper: Object.fromEntries(
    entryPoints().map(({ name, file }) => [`^${name}$`, `<rootDir>/lib/${file}.ts`]),
  ),
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.local/", "<rootDir>/local/runtime/"],
  testMatch: ["<rootDir>/test/**/*.test.ts", "<rootDir>/examples/testing/*.test.ts"],
  testPathIgnorePatterns: [PROOF_TESTS],
  collectCoverageFrom: ["lib/**/*.ts"],
  coverageReporters: ["text"],
  coverageThreshold: { global: { branches: 95 } },
} satisfies Config;
