import { randomInt } from "node:crypto";
import type { EngineName } from "../../local/engine.ts";
import { readChoice, readWholeNumber, UsageError } from "../../local/process/command-line.ts";
import { PLANTED_FAULTS, type PlantedFault } from "./planted-faults.ts";

export const ENGINES: readonly EngineName[] = ["dynoxide", "dynamodb-local"];

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

/** Reads `--seed`. Without it, a new seed is drawn. */
export function readSeed(
  text: string | undefined,
  usage: string,
  draw = () => randomInt(2 ** 31),
): number {
  return text === undefined ? draw() : readWholeNumber("--seed", text, usage);
}

/** Reads `--engine`. `undefined` = the first engine that can start. */
export function readEngine(text: string | undefined, usage: string): EngineName | undefined {
  return text === undefined ? undefined : readChoice("--engine", text, ENGINES, usage);
}

/** Reads `--without`, the safeguard to remove. `undefined` = none. */
export function readFault(text: string | undefined, usage: string): PlantedFault | undefined {
  return text === undefined ? undefined : readChoice("--without", text, PLANTED_FAULTS, usage);
}
