import { type EngineName, missingEngine, type ProgramName } from "../../local/engine.ts";

/** The other engines that can start here. A missing engine is reported loudly, once in each test file. */
export const OTHER_ENGINES: readonly ProgramName[] = (
  ["dynoxide", "dynamodb-local"] as const
).filter((name) => {
  const missing = missingEngine(name);
  if (missing !== undefined) console.warn(`\n  NOT RUN on ${name}: ${missing}\n`);
  return missing === undefined;
});

/** The engines to test on: the other engines, or the in-memory engine where none of them can start. */
export const ENGINES: readonly EngineName[] =
  OTHER_ENGINES.length > 0 ? OTHER_ENGINES : ["in-memory"];
