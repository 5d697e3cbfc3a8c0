import type { EngineName } from "../../local/engine.ts";
import { ENGINES, oneOf, readOptions, wholeNumber } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --seconds N       for how long clients ask for new things (default 30)
  --seed N          the run in which the same is decided (default: another one each time)
  --engine NAME     ${ENGINES.join(" or ")} (default: the first that can start)
  --json            write the counts as JSON
  --without FAULT   take a safeguard away: ${PLANTED_FAULTS.map((fault) => `"${fault}"`).join(", ")}
  --planted         take each safeguard away in turn, until that is noticed`;

/** What the command line asks for. */
export interface ChaosCommand {
  readonly seconds: number;
  readonly seed: number;
  /** `undefined` = the first that can start. */
  readonly engine: EngineName | undefined;
  readonly json: boolean;
  /** The safeguard that is taken away; `undefined` = none. */
  readonly without: PlantedFault | undefined;
  readonly planted: boolean;
}

/**
 * Reads the command line of `npm run chaos`.
 *
 * @param newSeed the seed where none is given.
 * @throws for an unknown option or a value that does not fit, with the options that there are.
 */
export function readChaosCommand(args: readonly string[], newSeed: () => number): ChaosCommand {
  const { seconds, seed, engine, json, without, planted } = readOptions(args, OPTIONS, USAGE);
  return {
    seconds: wholeNumber("--seconds", seconds, USAGE, 1),
    seed: seed === undefined ? newSeed() : wholeNumber("--seed", seed, USAGE),
    engine: engine === undefined ? undefined : oneOf("--engine", engine, ENGINES, USAGE),
    json,
    without: without === undefined ? undefined : oneOf("--without", without, PLANTED_FAULTS, USAGE),
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
