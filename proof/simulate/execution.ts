import type { RequestPlan } from "./plan.ts";
import type { Actor } from "./world.ts";

/**
 * What the promise is about: the time from the first claim of a key to its legitimate end, when it has
 * expired, or was freed by its owner before anything had begun.
 */
export interface Window {
  /** Grows from window to window of one key. */
  readonly number: number;
  /** The payload that has taken the key. */
  readonly amount: number;
  /** Whose claim it is at present. */
  holder: Execution;
  effects: number;
  /** Its answer was recorded. */
  isComplete: boolean;
  /** The success that a client was told. */
  heard?: string;
}

/** One run of the function, for one request. */
export interface Execution extends Actor {
  readonly request: RequestPlan;
  /** How many windows of its key had ended when it began. */
  readonly endedBefore: number;
  /** The window of its claim. */
  window?: Window;
  /** Its handler did something, or failed, so it has no right to free the key. */
  mustKeepKey: boolean;
}
