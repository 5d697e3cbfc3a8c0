import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A command line that cannot be read; the message says why, and lists the options. */
export class UsageError extends Error {}

/**
 * Reads the options of a command.
 *
 * @param usage the list of the options, for the message of an error.
 * @throws UsageError for an unknown option, or a value where none is allowed.
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

/**
 * Reads a whole number.
 *
 * @throws UsageError for other text, and for a number below `least` or above `most`.
 */
export function readWholeNumber(
  option: string,
  text: string,
  usage: string,
  { least = 0, most = 2 ** 31 - 1 }: { readonly least?: number; readonly most?: number } = {},
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(
    `${option} must be a whole number from ${least} to ${most}, not ${text}.\n${usage}`,
  );
}

/**
 * Reads one of several names.
 *
 * @throws UsageError for any other text.
 */
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
