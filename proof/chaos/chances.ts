import { FAULT_NAMES, type FaultName } from "./faults.ts";
import type { ApiName } from "./history.ts";

/** How likely what is; each number is a probability, of one order or of one request. */
export interface Chances {
  /** Each as likely as it is often in this list. */
  readonly apis: readonly [ApiName, ...ApiName[]];
  /** A second client sends the same, at about the same time. */
  readonly twin: number;
  /** Another client uses the key for another order. */
  readonly otherOrder: number;
  /** Another tenant uses the same key. */
  readonly otherTenant: number;
  readonly unaffordable: number;
  /** The key was first used with something that validation refuses. */
  readonly malformed: number;
  /** The bank misbehaves. */
  readonly bank: number;
  /** The client repeats what was answered. */
  readonly repeat: number;
  /** The client writes its body in another encoding than plain UTF-8. */
  readonly encoded: number;
  /** A request to DynamoDB is disturbed. */
  readonly fault: number;
  /** How it is disturbed. */
  readonly faults: readonly [FaultName, ...FaultName[]];
  /** The function is killed in mid-request. */
  readonly kill: number;
  /** The function is stopped in mid-request, for a while. */
  readonly stop: number;
  /** The answer of a function is lost. */
  readonly lostAnswer: number;
  /** The table throttles what completes records, for a second; asked anew all the time. */
  readonly throttledCompletions: number;
  /** Whether the routes are deployed under other names all the time. */
  readonly renamedRoutes: boolean;
}

/** Every API, everything that can go wrong, and most requests go well. */
export const USUAL: Chances = {
  apis: ["ietf", "dwolla", "orzcash", "gluwa", "stripe", "dfns transfer", "dfns transaction"],
  twin: 0.35,
  otherOrder: 0.2,
  otherTenant: 0.25,
  unaffordable: 0.06,
  malformed: 0.08,
  bank: 0.3,
  repeat: 0.25,
  encoded: 0.4,
  fault: 0.1,
  faults: FAULT_NAMES,
  kill: 0.006,
  stop: 0.02,
  lostAnswer: 0.03,
  throttledCompletions: 0.2,
  renamedRoutes: true,
};
