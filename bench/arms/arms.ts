import type { Arm } from "./arm.ts";
import { bareCalls, bareHandler } from "./bare.ts";
import { createOurArm } from "./ours.ts";
import { powertoolsMiddy, powertoolsWrapper } from "./powertools.ts";

/** The compared arms, in the order of the tables. */
export const ARMS: readonly Arm[] = [
  bareHandler,
  bareCalls,
  powertoolsMiddy,
  powertoolsWrapper,
  createOurArm("Middy", "start"),
  createOurArm("wrapper", "start"),
  createOurArm("Middy", "commit"),
  createOurArm("wrapper", "commit"),
];
