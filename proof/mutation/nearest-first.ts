import { readFileSync, writeFileSync } from "node:fs";
import {
  commonTokens,
  declareFactoryPlugin,
  type Injector,
  type PluginContext,
  PluginKind,
  tokens,
} from "@stryker-mutator/api/plugin";
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  type ErrorMutantRunResult,
  type KilledMutantRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
} from "@stryker-mutator/api/test-runner";
import { strykerPlugins as jestPlugins } from "@stryker-mutator/jest-runner";
import { chooseTestFiles } from "./test-files.ts";
import { nearestFirst } from "./test-order.ts";

/** The file in which the first run leaves the tests and their times for the other processes. */
const TESTS = ".tests.json";

/** A test file, with the names of its tests and their duration without a mutant. */
interface TestFile {
  readonly path: string;
  readonly ids: readonly string[];
  readonly durationMs: number;
}

/**
 * Stryker's runner for Jest loads every test file for every mutant. This runner runs one file after
 * the other until a test fails, the nearest files first, and of those the quick ones. It skips files
 * without a test that reaches the mutant. So most mutants take a fraction of a second.
 */
class NearestFirst implements TestRunner {
  readonly #jest: TestRunner;
  #testFiles: readonly TestFile[] | undefined;
  /** The test file that killed the last mutant of each file. */
  readonly #lastKillers = new Map<string, string>();

  constructor(jest: TestRunner) {
    this.#jest = jest;
  }

  capabilities() {
    return this.#jest.capabilities();
  }

  init() {
    return this.#jest.init?.() ?? Promise.resolve();
  }

  async dryRun(options: DryRunOptions): Promise<DryRunResult> {
    chooseTestFiles(undefined);
    const result = await this.#jest.dryRun(options);
    if (result.status === DryRunStatus.Complete) {
      writeFileSync(TESTS, JSON.stringify(quickestFirst(result.tests)));
    }
    return result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    this.#testFiles ??= JSON.parse(readFileSync(TESTS, "utf8")) as TestFile[];
    const { sandboxFileName: mutated, testFilter } = options;
    const reaching = new Set(testFilter ?? this.#testFiles.flatMap(({ ids }) => ids));
    const lastKiller = this.#lastKillers.get(mutated);
    let nrOfTests = 0;
    for (const { path, ids } of nearestFirst(this.#testFiles, mutated, lastKiller)) {
      const its = ids.filter((id) => reaching.has(id));
      if (its.length === 0) continue;
      chooseTestFiles([path]);
      const result = await this.#jest.mutantRun({ ...options, testFilter: its });
      if (result.status === MutantRunStatus.Survived) {
        nrOfTests += result.nrOfTests;
        continue;
      }
      this.#lastKillers.set(mutated, path);
      return result.status === MutantRunStatus.Error ? toKilled(result, its) : result;
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }
}

/** The files of the tests that judge, quick files first. Of tests on both engines only the quick engine's judge. */
function quickestFirst(tests: readonly TestResult[]): TestFile[] {
  const judging = tests.filter(({ id }) => !id.startsWith("on dynamodb-local,"));
  return [...Map.groupBy(judging, ({ fileName = "" }) => fileName)]
    .map(([path, its]) => ({
      path,
      ids: [...new Set(its.map(({ id }) => id))],
      durationMs: its.reduce((total, { timeSpentMs }) => total + timeSpentMs, 0),
    }))
    .toSorted((one, other) => one.durationMs - other.durationMs);
}

/** Counts a test file that fails to load as a failed test: without the mutant it loads. */
function toKilled(
  { errorMessage }: ErrorMutantRunResult,
  killedBy: string[],
): KilledMutantRunResult {
  const nrOfTests = killedBy.length;
  return { status: MutantRunStatus.Killed, failureMessage: errorMessage, killedBy, nrOfTests };
}

function factory(injector: Injector<PluginContext>): TestRunner {
  const [jest] = jestPlugins;
  if (jest === undefined)
    throw new Error(
      "@stryker-mutator/jest-runner exports no plugin. Adapt nearest-first.ts to its new form.",
    );
  return new NearestFirst(injector.injectFunction(jest.factory));
}
factory.inject = tokens(commonTokens.injector);

/** The plugins that Stryker loads. */
export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "nearest-first", factory),
];
