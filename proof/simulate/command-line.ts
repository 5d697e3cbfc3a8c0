import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { PLANTED_FAULTS } from "../planted-faults.ts";
import type { Search } from "./search.ts";

const USAGE = `Options:
  --runs N        how many histories (default 100000)
  --quick         10000 of them
  --seed S        a whole number from which they are made (default: any; it is printed)
  --path P        only the history that was found under this path of its seed
  --without NAME  with a safeguard taken away: ${PLANTED_FAULTS.join(", ")}`;

/**
 * Reads the command line of `npm run simulate`.
 *
 * @throws for an unknown option or a value that does not fit, with the options that there are.
 */
export function readCommandLine(args: string[]): Search {
  const { quick, without, path, ...given } = parse(args);
  const seed = given.seed === undefined ? randomInt(2 ** 31) : integer("--seed", given.seed);
  const runs = integer("--runs", given.runs ?? (quick ? "10000" : "100000"));
  const fault = PLANTED_FAULTS.find((name) => name === without);
  if (runs < 1) throw new Error(`--runs must be above 0, not ${runs}.\n${USAGE}`);
  if (fault !== without) {
    throw new Error(
      `--without must be one of ${PLANTED_FAULTS.join(", ")}, not ${without}.\n${USAGE}`,
    );
  }
  return { seed, runs: path === undefined ? runs : 1, path, without: fault };
}

function parse(args: string[]) {
  const options = {
    runs: { type: "string" },
    quick: { type: "boolean" },
    seed: { type: "string" },
    path: { type: "string" },
    without: { type: "string" },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

function integer(option: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number, not ${text}.\n${USAGE}`);
}
