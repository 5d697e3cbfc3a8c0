import { FAULT_NAMES, type FaultName } from "./faults.ts";
import type { ApiName } from "./history.ts";

/** Probabilities, per order or per request. */
export interface Chances {
  /** An API that stands in the list twice is drawn twice as often. */
  readonly apis: readonly [ApiName, ...ApiName[]];
  /** A second client sends the same order, at about the same time. */
  readonly twin: number;
  /** Another client uses the key for another order. */
  readonly otherOrder: number;
  /** Another tenant uses the same key. */
  readonly otherTenant: number;
  readonly unaffordable: number;
  /** The key was first used with an order that validation refuses. */
  readonly malformed: number;
  /** The bank misbehaves. */
  readonly bank: number;
  /** The client repeats a request that was answered. */
  readonly repeat: number;
  /** The client writes its body in another encoding than plain UTF-8. */
  readonly encoded: number;
  /** A request to DynamoDB is disturbed. */
  readonly fault: number;
  /** The disturbances to draw from. */
  readonly faults: readonly [FaultName, ...FaultName[]];
  /** The function is killed in the middle of a request. */
  readonly kill: number;
  /** The function is stopped in the middle of a request, for a while. */
  readonly stop: number;
  /** The response of a function is lost. */
  readonly lostResponse: number;
  /** The table throttles completions, for one second. Drawn at every strike. */
  readonly throttledCompletions: number;
  /** Whether the routes are deployed under other names again and again. */
  readonly renamedRoutes: boolean;
}

/** Every API and every disturbance, so rare that most requests succeed. */
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
  lostResponse: 0.03,
  throttledCompletions: 0.2,
  renamedRoutes: true,
};
