import {
  readChoice,
  readOptions,
  readWholeNumber,
  UsageError,
} from "../../local/process/command-line.ts";
import { readSeed } from "../kit/command-line.ts";
import { ALL_FAULTS, type AnyFault } from "../kit/planted-faults.ts";

const USAGE = `Options:
  --runs N        the number of histories of each seed (default 100000)
  --quick         10000 histories, and the six planted faults that every layer looks for
  --seed S        a whole number that decides the histories (default: any; it is printed)
  --seeds N       N seeds, drawn by the command, one after the other
  --path P        only the history with this path of its seed
  --without NAME  without a safeguard: ${ALL_FAULTS.join(", ")}
  --json          print one JSON document, and the text as errors
  --out FILE      write the JSON document to a file, and print the text`;

const OPTIONS = {
  runs: { type: "string" },
  quick: { type: "boolean" },
  seed: { type: "string" },
  seeds: { type: "string" },
  path: { type: "string" },
  without: { type: "string" },
  json: { type: "boolean" },
  out: { type: "string" },
} as const;

/** The searches of a command, and the form of its output. */
export interface SimulateCommand {
  /** The sources of histories, one for each search. */
  readonly seeds: readonly number[];
  /** The number of histories of each seed. */
  readonly runs: number;
  /** Plays only the history with this path. */
  readonly path: string | undefined;
  /** The safeguard to remove. */
  readonly without: AnyFault | undefined;
  readonly isQuick: boolean;
  readonly isJson: boolean;
  /** The file for the JSON document. */
  readonly out: string | undefined;
}

/**
 * Reads the command line of `npm run simulate`.
 *
 * @throws UsageError for an unknown option, a wrong value, or options that contradict each other; its
 *   message lists the options.
 */
export function readCommandLine(args: string[]): SimulateCommand {
  const given = readOptions(args, OPTIONS, USAGE);
  const { quick = false, path, without } = given;
  refuseTogether(given, ["seed", "seeds"]);
  refuseTogether(given, ["path", "seeds"]);
  refuseTogether(given, ["path", "runs"]);
  refuseTogether(given, ["quick", "runs"]);
  refuseTogether(given, ["json", "out"]);
  if (path !== undefined && given.seed === undefined) {
    throw new UsageError(`--path needs the --seed of its history.\n${USAGE}`);
  }
  const runs = readWholeNumber("--runs", given.runs ?? (quick ? "10000" : "100000"), USAGE, {
    least: 1,
  });
  return {
    seeds: readSeeds(given),
    runs: path === undefined ? runs : 1,
    path,
    without:
      without === undefined ? undefined : readChoice("--without", without, ALL_FAULTS, USAGE),
    isQuick: quick,
    isJson: given.json ?? false,
    out: given.out,
  };
}

function readSeeds({ seed, seeds }: { readonly seed?: string; readonly seeds?: string }) {
  if (seeds === undefined) return [readSeed(seed, USAGE)];
  const length = readWholeNumber("--seeds", seeds, USAGE, { least: 1, most: 1_000 });
  return Array.from({ length }, () => readSeed(undefined, USAGE));
}

function refuseTogether(
  given: Readonly<Record<string, unknown>>,
  names: readonly [string, string],
): void {
  if (names.some((name) => given[name] === undefined)) return;
  throw new UsageError(`--${names.join(" and --")} exclude each other.\n${USAGE}`);
}
