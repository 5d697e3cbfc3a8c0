import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/**
 * Reads the options of a command. Ends the process with 2 for an unknown option.
 *
 * @param usage the list of options, printed after the reason.
 */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse((error as Error).message, usage);
  }
}

/** Reads the value of an option as a whole number above 0. Ends the process with 2 for any other text. */
export function readCount(option: string, text: string, usage: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0) return count;
  return refuse(`${option} must be a whole number above 0, not ${text}.`, usage);
}

/** Reads the options of a command that starts processes for each of its arms, in seeded rounds. */
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

function refuse(reason: string, usage: string): never {
  console.error(`${reason}\n${usage}`);
  process.exit(2);
}
