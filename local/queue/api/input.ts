import { invalidValue, QueueError } from "../queue-error.ts";

/** The input of an operation, as JSON. */
export type Input = Record<string, unknown>;

/** A whole number in a range, or `undefined` if the input does not have it. */
export function readNumber(
  input: Input,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const isInRange = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return isInRange ? Number(value) : invalidValue(name, value, `must be from ${least} to ${most}`);
}

export function readText(input: Input, name: string): string {
  const value = input[name];
  return typeof value === "string" && value !== "" ? value : missing(name);
}

export function readTexts(input: Input, name: string): string[] {
  return (input[name] ?? []) as string[];
}

export function missing(name: string): never {
  throw new QueueError("MissingParameter", `The request must contain the parameter ${name}.`);
}
