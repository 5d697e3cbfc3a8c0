import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { EngineName } from "../../local/engine.ts";

/** The command line cannot be read; the message lists the options. */
class UsageError extends Error {}

export const ENGINES: readonly EngineName[] = ["dynoxide", "dynamodb-local"];

/**
 * Reads the options of a command.
 *
 * @throws UsageError for an unknown option; its message lists the known ones.
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
export function readWholeNumber(option: string, text: string, usage: string, least = 0): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number < 2 ** 31) return number;
  throw new UsageError(
    `${option} must be a whole number from ${least} to ${2 ** 31 - 1}, not ${text}.\n${usage}`,
  );
}

/** @throws UsageError for anything else. */
export function readChoice<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
  usage: string,
): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be one of: ${names.join(", ")}; not ${text}.\n${usage}`);
}

/** Runs a command. The exit code is 0 if all promises were kept, 1 if not, 2 after a wrong command line. */
export async function runCommand(main: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await main()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
