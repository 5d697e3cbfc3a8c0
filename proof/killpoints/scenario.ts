import type { Call, CallResult } from "./function-pool.ts";
import type { Lane } from "./lane.ts";
import type { Rule } from "./rules.ts";

/** A call whose function is killed at each of its points, and the promise that must hold. */
export interface Scenario {
  readonly title: string;
  /** Runs before the call, without the death. @returns an id or other value for the call. */
  prepare?(lane: Lane): Promise<string | undefined>;
  /** Creates the call, which is the same on every attempt. */
  call(lane: Lane, prepared: string): Call;
  /** Disturbs the attempt in which the function is killed. @returns a function that ends the disturbance. */
  disturb?(lane: Lane): () => void;
  /** Another request under the same key, sent before the retries. */
  stranger?(): Call;
  /** Calls after the retries; their responses must be the same as well. */
  readonly afterwards?: readonly ((lane: Lane) => Call)[];
  /** Whether the client stops retrying. @default not at 409, 425, 429, 5xx and errors */
  isFinal?(result: CallResult): boolean;
  /** Whether the members of a response come from an item: an engine returns them in any order. */
  readonly membersInAnyOrder?: boolean;
  /** Whether inputs hold ids of their own, so that the fingerprints of two runs differ. */
  readonly inputsDiffer?: boolean;
  /** The promise. @default all is as if there had been no death */
  readonly rule?: Rule;
}
