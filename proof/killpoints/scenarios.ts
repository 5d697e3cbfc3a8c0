import type { Scenario } from "./scenario.ts";
import { COMPLETIONS } from "./scenarios/completions.ts";
import { FIRST_REQUESTS } from "./scenarios/first-requests.ts";
import { FUNCTIONS } from "./scenarios/functions.ts";
import { LATE_CLAIMS } from "./scenarios/late-claims.ts";
import { LATER_TRANSFERS } from "./scenarios/later-transfers.ts";
import { MISTAKES } from "./scenarios/mistakes.ts";
import { READING } from "./scenarios/reads.ts";
import { REFUSALS } from "./scenarios/refusals.ts";
import { REPEATS } from "./scenarios/repeats.ts";
import { TROUBLES } from "./scenarios/troubles.ts";

/** All scenarios, in the order in which they are swept. */
export const SCENARIOS: readonly Scenario[] = [
  ...FIRST_REQUESTS,
  ...LATER_TRANSFERS,
  ...REFUSALS,
  ...REPEATS,
  ...LATE_CLAIMS,
  ...TROUBLES,
  ...COMPLETIONS,
  ...MISTAKES,
  ...READING,
  ...FUNCTIONS,
];
