import { readOptions, readWholeNumber } from "../../local/process/command-line.ts";
import { readFault, readSeed } from "../kit/command-line.ts";
import { PLANTED_FAULTS } from "../kit/planted-faults.ts";
import type { HistorySearch } from "./search.ts";

const USAGE = `Options:
  --runs N        the number of histories (default 100000)
  --quick         10000 histories
  --seed S        a whole number that decides the histories (default: any; it is printed)
  --path P        only the history with this path of its seed
  --without NAME  without a safeguard: ${PLANTED_FAULTS.join(", ")}`;

const OPTIONS = {
  runs: { type: "string" },
  quick: { type: "boolean" },
  seed: { type: "string" },
  path: { type: "string" },
  without: { type: "string" },
} as const;

/**
 * Reads the command line of `npm run simulate`.
 *
 * @throws UsageError for an unknown option or a wrong value; its message lists the options.
 */
export function readCommandLine(args: string[]): HistorySearch {
  const { quick, path, without, ...given } = readOptions(args, OPTIONS, USAGE);
  const runs = readWholeNumber("--runs", given.runs ?? (quick ? "10000" : "100000"), USAGE, {
    least: 1,
  });
  return {
    seed: readSeed(given.seed, USAGE),
    runs: path === undefined ? runs : 1,
    path,
    without: readFault(without, USAGE),
  };
}
