import { inspect } from "node:util";
import { ConfigurationError } from "../errors.ts";
import { adviseUnknownOption } from "./unknown-option.ts";

/** What a value must be: a test of it, and the words for it. */
export type Requirement = readonly [holds: (value: unknown) => boolean, expected: string];

/** Requirements by the name of the option that they are for. */
export type Requirements<Options> = { readonly [Name in keyof Required<Options>]: Requirement };

/**
 * Checks options against what they must be, all names included: a misspelt option is a promise
 * that is silently not kept.
 *
 * @throws ConfigurationError saying which option is wrong, with which value, and what is expected;
 *   for a name that does not exist, where it belongs or the nearest one that does.
 */
export function check<Options>(
  where: string,
  options: unknown,
  requirements: Requirements<Options>,
): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(
      `${where}: expected an object with options, got ${showValue(options)}.`,
    );
  }
  const known = Object.keys(requirements);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ConfigurationError(
      `${where}: there is no option "${name}". ${adviseUnknownOption(where, name, known)}`,
    );
  }
  for (const [name, requirement] of Object.entries<Requirement>(requirements)) {
    const [holds, expected] = requirement;
    const value = readOption(where, options, name);
    if (holds(value)) continue;
    throw new ConfigurationError(`${where}: ${name} is ${showValue(value)}; expected ${expected}.`);
  }
}

/** Reads an option, which may be a getter, when the function starts and not at the first payment. */
function readOption(where: string, options: object, name: string): unknown {
  try {
    return (options as Record<string, unknown>)[name];
  } catch (error) {
    throw new ConfigurationError(
      `${where}: ${name} cannot be read: ${showValue(error instanceof Error ? error.message : error)}. Give the value itself, not a getter that throws.`,
    );
  }
}

/** The requirement of an option that may be left out. */
export function optional([holds, expected]: Requirement): Requirement {
  return [(value) => value === undefined || holds(value), expected];
}

export function oneOf(...values: readonly string[]): Requirement {
  return [
    (value) => values.includes(value as string),
    values.map((one) => `"${one}"`).join(" or "),
  ];
}

export const aFunction: Requirement = [(value) => typeof value === "function", "a function"];

export const aText: Requirement = [
  (value) => typeof value === "string" && value !== "",
  "a text that is not empty",
];

function showValue(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
}
