import type { EngineName } from "../../local/engine.ts";
import { readOptions } from "../../local/process/command-line.ts";
import { ENGINES, readEngine, readFault, readSeed } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --quick             a few kills of each scenario
  --scenario TEXT     only the scenarios whose titles contain it
  --seed N            draws a sample of the kills, and their order without a safeguard (default: any)
  --engine NAME       ${ENGINES.join(" or ")} (default: the first that can start)
  --without SAFEGUARD removes a safeguard, and stops at the first violation:
                      ${PLANTED_FAULTS.join(", ")}
  --planted           removes each in turn, and prints the violation and the number of kills up to it`;

export interface KillPointOptions {
  readonly isQuick: boolean;
  readonly scenario: string;
  readonly seed: number;
  readonly engine: EngineName | undefined;
  /** The safeguards to remove, one after the other. */
  readonly without: readonly PlantedFault[];
}

/**
 * Reads the command line of `npm run killpoints`.
 *
 * @throws UsageError for an unknown option or a wrong value; its message lists the options.
 */
export function readCommandLine(args: string[]): KillPointOptions {
  const { quick, scenario, seed, engine, without, planted } = readOptions(args, OPTIONS, USAGE);
  const fault = readFault(without, USAGE);
  return {
    isQuick: quick ?? false,
    scenario: scenario ?? "",
    seed: readSeed(seed, USAGE),
    engine: readEngine(engine, USAGE),
    without: planted ? PLANTED_FAULTS : fault === undefined ? [] : [fault],
  };
}

const OPTIONS = {
  quick: { type: "boolean" },
  scenario: { type: "string" },
  seed: { type: "string" },
  engine: { type: "string" },
  without: { type: "string" },
  planted: { type: "boolean" },
} as const;
