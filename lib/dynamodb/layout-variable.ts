import { check, optional, type Requirement } from "../checks/requirements.ts";
import { ConfigurationError } from "../errors.ts";
import type { LayoutOptions } from "./layout.ts";

/** The environment variables in which the constructs tell a function about its table. */
export const TABLE_VARIABLE = "IDEMPOTENCY_TABLE";
export const LAYOUT_VARIABLE = "IDEMPOTENCY_TABLE_LAYOUT";

/**
 * The layout of a table: the options of the store, or else the layout in the environment, but never
 * a mixture. Half of each would be a third layout, in which no record is found.
 */
export function layoutFor(tableName: string, given: LayoutOptions): LayoutOptions {
  const isGiven = given.keyAttributes !== undefined || given.attributes !== undefined;
  return !isGiven && tableName === process.env[TABLE_VARIABLE] ? readLayoutVariable() : given;
}

/**
 * @throws ConfigurationError if the variable is not the JSON text of a layout; `tableLayout` checks
 *   the names in it.
 */
export function readLayoutVariable(): LayoutOptions {
  const text = process.env[LAYOUT_VARIABLE] || "{}";
  let layout: unknown;
  try {
    layout = JSON.parse(text);
  } catch {
    throw new ConfigurationError(
      `idempotency: the environment variable ${LAYOUT_VARIABLE} is ${text}; expected the JSON text that IdempotencyTable.protect and IdempotencyCompleter set.`,
    );
  }
  check<LayoutOptions>(`the environment variable ${LAYOUT_VARIABLE}`, layout, {
    keyAttributes: anObject,
    attributes: anObject,
  });
  return layout as LayoutOptions;
}

const anObject: Requirement = optional([
  (value) => typeof value === "object" && value !== null,
  "an object",
]);
