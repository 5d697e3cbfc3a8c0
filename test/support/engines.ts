import { type EngineName, missingEngine } from "../../local/engine.ts";

/** The engines that can start here; one that is missing is said loudly, once for each test file. */
export const ENGINES: readonly EngineName[] = (["dynoxide", "dynamodb-local"] as const).filter(
  (name) => {
    const missing = missingEngine(name);
    if (missing !== undefined) console.warn(`\n  NOT RUN on ${name}: ${missing}\n`);
    return missing === undefined;
  },
);
