import type { Arm } from "./arm.ts";
import { bareCalls, bareHandler } from "./bare.ts";
import { ours } from "./ours.ts";
import { powertoolsMiddy, powertoolsWrapper } from "./powertools.ts";

/** What is compared, in the order of the tables. */
export const ARMS: readonly Arm[] = [
  bareHandler,
  bareCalls,
  powertoolsMiddy,
  powertoolsWrapper,
  ours("Middy", "start"),
  ours("wrapper", "start"),
  ours("Middy", "commit"),
  ours("wrapper", "commit"),
];
