import type { Call, CallResult, Lane } from "./lane.ts";

/** A request whose function is killed at every point of it, and what is expected then. */
export interface Scenario {
  readonly title: string;
  /** What happens before; nothing is killed in it but what it kills itself. */
  prepare?(lane: Lane): Promise<void>;
  /** The request, the same on every attempt. */
  call(lane: Lane): Call;
  /** Disturbs the attempt that is killed. @returns what ends that. */
  disturb?(lane: Lane): () => void;
  /** Whether a client goes on retrying after this answer. @default 409, 425, 429, 5xx and none */
  isFinal?(result: CallResult): boolean;
  /** What is called once the retries have ended, whose answers must be the same as well. */
  readonly afterwards?: readonly ((lane: Lane) => Call)[];
  /** What may be different from an uninterrupted run. @default nothing */
  readonly rule?: Rule;
}

/** An exception from "as if it had not been interrupted", which a profile promises. */
export interface Rule {
  readonly promise: string;
  /** Takes out of a story what may be different. @throws if it is not as promised. */
  readonly apply: (story: Story) => Partial<Story>;
}

/** All that can be seen of a request, with the ids and times in it replaced. */
export interface Story {
  /** The answer on which the client stopped retrying. */
  readonly last: unknown;
  /** The answer to one more retry. */
  readonly again: unknown;
  readonly afterwards: readonly unknown[];
  readonly ledger: readonly unknown[];
  readonly records: readonly unknown[];
  readonly payments: readonly unknown[];
}
