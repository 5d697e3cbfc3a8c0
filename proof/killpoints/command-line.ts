import type { EngineName } from "../../local/engine.ts";
import { readChoice, readOptions, readWholeNumber } from "../../local/process/command-line.ts";
import { ENGINES } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --quick             a few kills of each scenario
  --scenario TEXT     only the scenarios whose titles contain it
  --seed N            draws a sample of the kills, and their order without a safeguard (default: any)
  --engine NAME       dynoxide or dynamodb-local (default: the first that can start)
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
  return {
    isQuick: quick ?? false,
    scenario: scenario ?? "",
    seed:
      seed === undefined ? Math.floor(Math.random() * 1e9) : readWholeNumber("--seed", seed, USAGE),
    engine: engine === undefined ? undefined : readChoice("--engine", engine, ENGINES, USAGE),
    without: planted
      ? PLANTED_FAULTS
      : without === undefined
        ? []
        : [readChoice("--without", without, PLANTED_FAULTS, USAGE)],
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
