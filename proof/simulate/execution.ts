import type { Actor } from "./pending-event.ts";
import type { RequestPlan } from "./plan.ts";
import type { Service } from "./service.ts";
import type { SkewedClock } from "./skewed-clock.ts";
import type { Window } from "./window.ts";

/** One run of the function, for one request. */
export interface Execution extends Actor {
  readonly request: RequestPlan;
  /** The configuration of the route when it began. */
  readonly configuration: Service;
  readonly clock: SkewedClock;
  /** Whether the completer has called the function, which may finish a begun request and begin none. */
  readonly isCompletion: boolean;
  /** Grows with everything that clients of its key send and hear. */
  moment: number;
  /** The moment of its first claim. */
  claimMoment?: number;
  /** The moment at which it has written that the key is freed. */
  freedMoment?: number;
  beganAtMs: number;
  /** The number of its key's windows when it began. */
  windowsBefore: number;
  /** The number of these that may have ended by its clock. */
  endedBefore: number;
  /** The open window at its begin, if a client had been told of that window's response. */
  answeredWindow: Window | undefined;
  /** The window of its claim. */
  window?: Window;
  /** The steps that were recorded when it claimed. */
  knownSteps?: ReadonlySet<string>;
  /** The moment at which its handler began; `undefined` = it has not run. */
  handlerMoment?: number;
  /** Whether it has ended, with a response or an error. */
  hasReplied: boolean;
  /** Whether its first claim arrived after its end, or its death. */
  hasClaimedLate?: boolean;
  /** Whether its handler acted or failed, so that it has no right to free the key. */
  mustKeepKey: boolean;
}
