import { type EngineName, missingEngine, type ProgramName } from "../../local/engine.ts";

/** The engines of others that can start here; one that is missing is said loudly, once for each test file. */
export const OTHER_ENGINES: readonly ProgramName[] = (
  ["dynoxide", "dynamodb-local"] as const
).filter((name) => {
  const missing = missingEngine(name);
  if (missing !== undefined) console.warn(`\n  NOT RUN on ${name}: ${missing}\n`);
  return missing === undefined;
});

/** The engines to test on: those of others, and where none of them can start our own. */
export const ENGINES: readonly EngineName[] =
  OTHER_ENGINES.length > 0 ? OTHER_ENGINES : ["in-memory"];
