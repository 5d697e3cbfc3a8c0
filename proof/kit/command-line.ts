import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { EngineName } from "../../local/engine.ts";

/** What was asked for cannot be done; the message says what can. */
class UsageError extends Error {}

export const ENGINES: readonly EngineName[] = ["dynoxide", "dynamodb-local"];

/**
 * Reads the options of a command.
 *
 * @throws UsageError for an option that there is not, with those that there are.
 */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

/** @throws UsageError for anything else. */
export function wholeNumber(option: string, text: string, usage: string, least = 0): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number < 2 ** 31) return number;
  throw new UsageError(
    `${option} must be a whole number from ${least} to ${2 ** 31 - 1}, not ${text}.\n${usage}`,
  );
}

/** @throws UsageError for anything else. */
export function oneOf<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
  usage: string,
): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be one of: ${names.join(", ")}; not ${text}.\n${usage}`);
}

/** Runs a command. The process ends with 0 if all promises were kept, 1 if not, 2 if asked wrongly. */
export async function runCommand(main: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await main()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
