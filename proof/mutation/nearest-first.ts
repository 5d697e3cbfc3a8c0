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
import { nearestFirst } from "./neighbours.ts";
import { chooseTestFiles } from "./test-files.ts";

/** Where the first run leaves, for the other processes, what it has seen. */
const TESTS = ".tests.json";

/** A test file, with the names of its tests, and how long they took without a mutant. */
interface TestFile {
  readonly path: string;
  readonly ids: readonly string[];
  readonly durationMs: number;
}

/**
 * Stryker's runner for Jest loads every test file for every mutant. This one runs one file after
 * the other until one fails: the one that killed the mutant before, then those next to the mutated
 * file, then the quick ones; and none far away, or without a test that reaches the mutant. Most
 * mutants cost a fraction of a second so.
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
      return result.status === MutantRunStatus.Error ? doesNotLoad(result, its) : result;
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }
}

/** The files of the tests that judge; what is tested on both engines is judged by the quick one. */
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

/** The test file loaded without the mutant: that it does not any more is as good as a failed test. */
function doesNotLoad(
  { errorMessage }: ErrorMutantRunResult,
  killedBy: string[],
): KilledMutantRunResult {
  const nrOfTests = killedBy.length;
  return { status: MutantRunStatus.Killed, failureMessage: errorMessage, killedBy, nrOfTests };
}

function factory(injector: Injector<PluginContext>): TestRunner {
  const [jest] = jestPlugins;
  if (jest === undefined) throw new Error("Stryker's runner for Jest is not what it was.");
  return new NearestFirst(injector.injectFunction(jest.factory));
}
factory.inject = tokens(commonTokens.injector);

/** What Stryker loads. */
export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "nearest-first", factory),
];
