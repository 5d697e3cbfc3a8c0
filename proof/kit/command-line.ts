import type { EngineName } from "../../local/engine.ts";
import { UsageError } from "../../local/process/command-line.ts";

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
