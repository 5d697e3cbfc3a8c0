import { relative } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { MutationTestingPlanReadyEvent, Reporter } from "@stryker-mutator/api/report";
import { hasSurvived } from "./scores.ts";

/** Prints progress and survivors to stderr during the run, because a full run takes a while. */
class Progress implements Reporter {
  #all = 0;
  #tested = 0;

  onMutationTestingPlanReady({ mutantPlans }: MutationTestingPlanReadyEvent): void {
    this.#all = mutantPlans.length;
  }

  onMutantTested({ status, fileName, location, replacement = "" }: Readonly<MutantResult>): void {
    this.#tested += 1;
    const { line, column } = location.start;
    if (hasSurvived({ status })) {
      console.error(`survived: ${relative(".", fileName)}:${line}:${column} → ${replacement}`);
    }
    if (this.#tested % 50 === 0) console.error(`${this.#tested} of ${this.#all} mutants`);
  }
}

/** The plugins that Stryker loads. */
export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, "survivors", Progress)];
