import type { Call, CallResult } from "./function-pool.ts";
import type { Lane } from "./lane.ts";
import type { Rule } from "./rules.ts";

/** A call whose function is killed at every point of it, and what is expected then. */
export interface Scenario {
  readonly title: string;
  /** What happens before, with no other deaths than it says. @returns what the call needs to know. */
  prepare?(lane: Lane): Promise<string | undefined>;
  /** The same on every attempt. */
  call(lane: Lane, prepared: string): Call;
  /** Disturbs the attempt in which the function is killed. @returns what ends that. */
  disturb?(lane: Lane): () => void;
  /** Another request under the same key, which comes before the retries. */
  stranger?(): Call;
  /** What is called once the retries have ended; the answers must be the same as well. */
  readonly afterwards?: readonly (() => Call)[];
  /** Whether a client stops retrying. @default but for 409, 425, 429, 5xx and errors */
  isFinal?(result: CallResult): boolean;
  /** Whether the members of an answer are an item's, which an engine gives in any order. */
  readonly answersInAnyOrder?: boolean;
  /** What is promised, where it is not that all is as if there had been no death. */
  readonly rule?: Rule;
}
