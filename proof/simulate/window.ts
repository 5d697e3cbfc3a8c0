import type { Execution } from "./execution.ts";
import type { Service } from "./service.ts";

/**
 * The time in which the promises hold: from the first claim of a key to its legitimate end. A window
 * ends when the record ends by time, or when its owner frees the key before anything had begun.
 */
export interface Window {
  /** Grows from window to window of one key. */
  readonly number: number;
  /** The window before; `undefined` = it is the first of its key. */
  readonly previous: Window | undefined;
  /** The payload that has taken the key. */
  readonly amount: number;
  /** The executions that have claimed the key, in order. */
  readonly claimants: Execution[];
  /** The execution that owns the claim at present. */
  holder: Execution;
  /** The service by whose rules the record can be compared. */
  writer: Service;
  effects: number;
  /** Epoch milliseconds; infinite for a record that has no end. */
  endsAtMs: number;
  /** Whether the key was freed, or another window has followed. */
  isClosed: boolean;
  /** The steps that are recorded. */
  readonly steps: Set<string>;
  /** Whether a step is recorded, or one with an effect outside DynamoDB has begun. */
  hasBegun: boolean;
  entityId?: string | undefined;
  /** Whether its response is recorded. */
  isComplete: boolean;
  /** The final response that a client got. */
  success?: string;
  successStatus: number;
}

export function createWindow(previous: Window | undefined, holder: Execution): Window {
  return {
    ...{ previous, holder, number: (previous?.number ?? 0) + 1, amount: holder.request.amount },
    writer: holder.configuration,
    claimants: [],
    effects: 0,
    endsAtMs: Number.POSITIVE_INFINITY,
    isClosed: false,
    steps: new Set(),
    hasBegun: false,
    isComplete: false,
    successStatus: 0,
  };
}

/** Whether a window has ended for a clock that shows this time. */
export function isOver({ isClosed, endsAtMs }: Window, clockMs: number): boolean {
  return isClosed || endsAtMs <= clockMs;
}

/**
 * Whether an execution may have had an effect in the window; or could not take its claim back, because the
 * network lost that as well.
 */
export function isTouched({ claimants }: Window): boolean {
  return claimants.some(
    ({ handlerMoment, isKilled, hasLostFree }) =>
      handlerMoment !== undefined || isKilled || hasLostFree,
  );
}
