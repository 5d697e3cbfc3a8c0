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
  type TestRunner,
} from "@stryker-mutator/api/test-runner";
import { strykerPlugins as jestPlugins } from "@stryker-mutator/jest-runner";
import { nearestFirst } from "./neighbours.ts";
import { chooseTestFiles } from "./test-files.ts";

/** Where the first run leaves, for the other processes, which tests are in which file. */
const TESTS = ".tests.json";

/**
 * Stryker's runner for Jest loads every test file for every mutant. This one runs one file after
 * the other, the nearest one to the mutant first, until one fails; and none far away, or without a
 * test that reaches the mutant. Most mutants cost a fraction of a second so.
 */
class NearestFirst implements TestRunner {
  readonly #jest: TestRunner;
  #filesOfTests: ReadonlyMap<string, readonly string[]> | undefined;

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
      const pairs = result.tests.map(({ id, fileName = "" }) => [id, fileName]);
      writeFileSync(TESTS, JSON.stringify(pairs));
    }
    return result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    this.#filesOfTests ??= readTests();
    const filesOfTests = this.#filesOfTests;
    const ids = options.testFilter ?? [...filesOfTests.keys()];
    const files = ids.flatMap((id) => filesOfTests.get(id) ?? []);
    let nrOfTests = 0;
    for (const file of nearestFirst(files, options.sandboxFileName)) {
      chooseTestFiles([file]);
      const result = await this.#jest.mutantRun(options);
      if (result.status === MutantRunStatus.Error) return doesNotLoad(result, ids);
      if (result.status !== MutantRunStatus.Survived) return result;
      nrOfTests += result.nrOfTests;
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }
}

/** The test file loaded without the mutant: that it does not any more is as good as a failed test. */
function doesNotLoad(
  { errorMessage }: ErrorMutantRunResult,
  killedBy: string[],
): KilledMutantRunResult {
  const nrOfTests = killedBy.length;
  return { status: MutantRunStatus.Killed, failureMessage: errorMessage, killedBy, nrOfTests };
}

/** The files that have a test of each name; names may occur twice. */
function readTests(): Map<string, string[]> {
  const pairs: [string, string][] = JSON.parse(readFileSync(TESTS, "utf8"));
  const files = new Map<string, string[]>();
  for (const [id, file] of pairs) files.set(id, [...new Set([...(files.get(id) ?? []), file])]);
  return files;
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
