import { inspect } from "node:util";
import { ConfigurationError } from "../errors.ts";
import { adviseUnknownOption } from "./unknown-option.ts";

/** A test of a value, and the words for the values that pass it. */
export type Requirement = readonly [holds: (value: unknown) => boolean, expected: string];

/** A requirement for each option, by its name. */
export type Requirements<Options> = { readonly [Name in keyof Required<Options>]: Requirement };

/**
 * Checks the names and the values of options. An unknown name is refused too: a misspelt option would
 * silently have no effect.
 *
 * @param where the function or object that takes the options; its name begins the message.
 * @throws ConfigurationError that names the wrong option, its value and the expected one; for an
 *   unknown name, the place where it is an option or the nearest name.
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

/** Reads an option when the function starts: a getter that throws would fail at the first payment. */
function readOption(where: string, options: object, name: string): unknown {
  try {
    return (options as Record<string, unknown>)[name];
  } catch (error) {
    throw new ConfigurationError(
      `${where}: ${name} cannot be read: ${showValue(error instanceof Error ? error.message : error)}. Give the value itself, not a getter that throws.`,
    );
  }
}

/** The requirement of an optional option. */
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
