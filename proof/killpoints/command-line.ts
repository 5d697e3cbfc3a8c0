import type { EngineName } from "../../local/engine.ts";
import { ENGINES, readChoice, readOptions, readWholeNumber } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --quick             a few kills of each scenario
  --scenario TEXT     only the scenarios whose titles contain it
  --seed N            picks and orders the kills, where not all are tried in order (default: any)
  --engine NAME       dynoxide or dynamodb-local (default: the first that can start)
  --without SAFEGUARD takes a safeguard away, and stops at the first violation:
                      ${PLANTED_FAULTS.join(", ")}
  --planted           takes away each in turn, and prints what was found, and how soon`;

export interface KillPointOptions {
  readonly isQuick: boolean;
  readonly scenario: string;
  readonly seed: number;
  readonly engine: EngineName | undefined;
  /** The safeguards to take away, one after the other. */
  readonly without: readonly PlantedFault[];
}

/**
 * Reads the command line of `npm run killpoints`.
 *
 * @throws for an unknown option or a value that does not fit, with the options that there are.
 */
export function readCommandLine(args: string[]): KillPointOptions {
  const { quick, scenario, seed, engine, without, planted } = readOptions(args, OPTIONS, USAGE);
  return {
    isQuick: quick ?? false,
    scenario: scenario ?? "",
    seed: seed === undefined ? Math.floor(Math.random() * 1e9) : readWholeNumber("--seed", seed, USAGE),
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
