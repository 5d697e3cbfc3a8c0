import type { EngineName } from "../../local/engine.ts";
import {
  readChoice,
  readOptions,
  readWholeNumber,
  UsageError,
} from "../../local/process/command-line.ts";
import { ENGINES, readEngine, readFault, readSeed } from "../kit/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../kit/planted-faults.ts";
import { ARM_NAMES, type ArmName } from "./queue/arms.ts";

const SCENARIOS = ["http", "queue"] as const;
const CLOCKS = ["disagree", "agree"] as const;

const USAGE = `Options:
  --scenario NAME   http: the sample; queue: consumers of queues (default http)
  --arm NAME        the consumer of queues: ${ARM_NAMES.join(", ")} (default ours)
  --clocks NAME     of the functions with queues: disagree, agree (default disagree)
  --seconds N       seconds in which clients send new orders (default 30)
  --seed N          repeats the decisions of that run (default: a new seed)
  --engine NAME     ${ENGINES.join(" or ")} (default: the first that can start)
  --json            write the counts as JSON
  --without FAULT   remove a safeguard: ${PLANTED_FAULTS.map((fault) => `"${fault}"`).join(", ")}
  --planted         remove each safeguard in turn, until a violation is found`;

/** The options of `npm run chaos`. */
export interface ChaosCommand {
  readonly scenario: (typeof SCENARIOS)[number];
  /** The consumer of the scenario with queues. */
  readonly arm: ArmName;
  /** Whether the clocks of the functions are up to 45 seconds apart. */
  readonly clocks: (typeof CLOCKS)[number];
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
  const { seconds, seed, engine, json, without, planted, ...names } = readOptions(
    args,
    OPTIONS,
    USAGE,
  );
  const scenario = readChoice("--scenario", names.scenario, SCENARIOS, USAGE);
  if (scenario !== "queue" && (names.arm ?? names.clocks) !== undefined) {
    throw new UsageError(`--arm and --clocks are for --scenario queue only.\n${USAGE}`);
  }
  return {
    scenario,
    arm: readChoice("--arm", names.arm ?? "ours", ARM_NAMES, USAGE),
    clocks: readChoice("--clocks", names.clocks ?? "disagree", CLOCKS, USAGE),
    seconds: readWholeNumber("--seconds", seconds, USAGE, { least: 1 }),
    seed: readSeed(seed, USAGE, newSeed),
    engine: readEngine(engine, USAGE),
    json,
    without: readFault(without, USAGE),
    planted,
  };
}

const OPTIONS = {
  scenario: { type: "string", default: "http" },
  arm: { type: "string" },
  clocks: { type: "string" },
  seconds: { type: "string", default: "30" },
  seed: { type: "string" },
  engine: { type: "string" },
  json: { type: "boolean", default: false },
  without: { type: "string" },
  planted: { type: "boolean", default: false },
} as const;
