import type { EngineName } from "../../local/engine.ts";
import { readOptions, readWholeNumber } from "../../local/process/command-line.ts";
import { ENGINES, readEngine, readFault, readSeed } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --seconds N       seconds in which clients send new orders (default 30)
  --seed N          repeats the decisions of that run (default: a new seed)
  --engine NAME     ${ENGINES.join(" or ")} (default: the first that can start)
  --json            write the counts as JSON
  --without FAULT   remove a safeguard: ${PLANTED_FAULTS.map((fault) => `"${fault}"`).join(", ")}
  --planted         remove each safeguard in turn, until a violation is found`;

/** The options of `npm run chaos`. */
export interface ChaosCommand {
  readonly seconds: number;
  readonly seed: number;
  /** `undefined` = the first engine that can start. */
  readonly engine: EngineName | undefined;
  readonly json: boolean;
  /** The safeguard to remove; `undefined` = none. */
  readonly without: PlantedFault | undefined;
  readonly planted: boolean;
}

/**
 * Reads the command line of `npm run chaos`.
 *
 * @param newSeed draws the seed if none is given.
 * @throws UsageError for an unknown option or a wrong value; its message lists the options.
 */
export function readChaosCommand(args: readonly string[], newSeed: () => number): ChaosCommand {
  const { seconds, seed, engine, json, without, planted } = readOptions(args, OPTIONS, USAGE);
  return {
    seconds: readWholeNumber("--seconds", seconds, USAGE, { least: 1 }),
    seed: readSeed(seed, USAGE, newSeed),
    engine: readEngine(engine, USAGE),
    json,
    without: readFault(without, USAGE),
    planted,
  };
}

const OPTIONS = {
  seconds: { type: "string", default: "30" },
  seed: { type: "string" },
  engine: { type: "string" },
  json: { type: "boolean", default: false },
  without: { type: "string" },
  planted: { type: "boolean", default: false },
} as const;
