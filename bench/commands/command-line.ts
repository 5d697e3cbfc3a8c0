import type { ParseArgsOptionsConfig } from "node:util";
import {
  readOptions as parseOptions,
  readWholeNumber,
  UsageError,
} from "../../local/process/command-line.ts";

/** Reads the options of a command. Ends the process with 2 for an unknown option. */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  options: Options,
  usage: string,
) {
  return exitIfWrong(() => parseOptions(process.argv.slice(2), options, usage));
}

/** Reads a whole number, from 1 on. Ends the process with 2 for any other text. */
export function readCount(option: string, text: string, usage: string): number {
  return exitIfWrong(() => readWholeNumber(option, text, usage, { least: 1 }));
}

/** Reads the options of a command that starts a number of processes for each of its arms, in seeded rounds. */
export function readRounds(usage: string) {
  const { processes, seed, json } = readOptions(
    {
      processes: { type: "string", default: "25" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean" },
    },
    usage,
  );
  return {
    processes: readCount("--processes", processes, usage),
    seed: readCount("--seed", seed, usage),
    json,
  };
}

function exitIfWrong<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
