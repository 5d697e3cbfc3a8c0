import { ConfigurationError } from "../errors.ts";

/**
 * The JSON text of a value, if the text says everything: a `Map`, a `Set` or an `Error` has the text `{}`,
 * by which all of them would be the same. A `Date` has the text of its time.
 *
 * @param subject the value, for the message.
 * @throws ConfigurationError if the value has none.
 */
export function jsonText(value: unknown, subject: string): string {
  let reason = describe(value);
  try {
    const text = JSON.stringify(value, refuseLosses) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    [reason = ""] = String((error as Error).message).split("\n");
  }
  throw new ConfigurationError(
    `${subject} has no JSON text: ${reason}. Nothing was executed. Compare plain data: the option same is a function that returns the data by which two inputs are the same.`,
  );
}

function refuseLosses(_name: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    if (LOSING.some((one) => value instanceof one))
      throw new TypeError(`it holds ${describe(value)}`);
  }
  if (typeof value === "function" || typeof value === "symbol" || Number.isNaN(value)) {
    throw new TypeError(`it holds ${describe(value)}`);
  }
  return value;
}

/** Classes whose JSON text drops what they hold. */
const LOSING: readonly (abstract new (...given: never[]) => object)[] = [
  ...[Map, Set, WeakMap, WeakSet, Promise, Error, RegExp, ArrayBuffer, URLSearchParams],
];

function describe(value: unknown): string {
  if (value === undefined) return "it is undefined";
  if (typeof value !== "object" || value === null) {
    return Number.isNaN(value) ? "NaN" : `a ${typeof value}`;
  }
  return `a ${value.constructor?.name ?? "value"}, of which JSON keeps nothing`;
}
