import type { Item } from "../../local/engine/in-memory/value.ts";
import type { RequestPlan } from "./plan.ts";
import type { Actor } from "./thing.ts";

/** One run of the function, for one request. */
export interface Execution extends Actor {
  readonly request: RequestPlan;
  /** The completer has called the function: it finishes what has begun, and begins nothing. */
  readonly isCompletion: boolean;
  /** How many windows of its key had ended when it began. */
  readonly endedBefore: number;
  /** The window that had not ended when it began, where a client had been told how that one ends. */
  readonly toldBefore: Window | undefined;
  /** The window of its claim. */
  window?: Window;
  /** Its handler did something, or failed, so it has no right to free the key. */
  mustKeepKey: boolean;
}

/**
 * What the promise is about: the time from the first claim of a key to its legitimate end, when it
 * has expired, or was freed by its owner before anything had begun.
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

/** What is known about one tenant's key from outside. Nothing of it is known to the code. */
export interface Account {
  /** How many windows have ended. */
  ended(): number;
  /** The window that has not ended. */
  open(): Window | undefined;
  /** The record of the key was changed. */
  recorded(execution: Execution, before: Item | undefined, after: Item): void;
  /** The execution has had its effect, in DynamoDB or elsewhere. */
  paid(execution: Execution): void;
  /** The record has expired. */
  expired(): void;
}

/** @param objects told of each promise that is broken. */
export function accountOf(
  tenant: string,
  now: () => number,
  objects: (violation: string) => void,
): Account {
  let windows = 0;
  let last: Window | undefined;
  let isOpen = false;
  let lastFence = 0;

  return {
    ended: () => (isOpen ? windows - 1 : windows),
    open: () => (isOpen ? last : undefined),

    recorded(execution, before, after) {
      if (after.state?.S === "COMPLETED" && execution.window) execution.window.isComplete = true;
      if (after.owner?.S !== before?.owner?.S) {
        claimed(execution, Number(after.fence?.N));
      } else if (after.state?.S === "CLAIMED" && expiryOf(after) < expiryOf(before)) {
        isOpen &&= !mayFree(execution);
      } else if (last === execution.window && !hasExpired(after)) {
        // Whoever slept for days under a claim that nobody else wanted has completed it.
        isOpen = true;
      }
    },

    paid(execution) {
      const window = execution.window ?? windowFor(execution);
      window.effects += 1;
      if (window.effects > 1) objects(`${tenant} has paid twice under one key`);
      checkPayload(execution, window);
    },

    expired() {
      isOpen = false;
    },
  };

  function claimed(execution: Execution, fence: number): void {
    if (fence <= lastFence) {
      objects(`${execution.name} has claimed with fence ${fence}, which is not above ${lastFence}`);
    }
    lastFence = fence;
    const window = windowFor(execution);
    window.holder = execution;
    execution.window = window;
    checkPayload(execution, window);
  }

  /** The window that has not ended, or a new one. */
  function windowFor(holder: Execution): Window {
    if (isOpen && last !== undefined) return last;
    if (holder.isCompletion) objects(`${holder.name} has begun what had ended`);
    windows += 1;
    isOpen = true;
    const { amount } = holder.request;
    last = { number: windows, amount, holder, effects: 0, isComplete: false };
    return last;
  }

  function mayFree(execution: Execution): boolean {
    return last?.holder === execution && !execution.mustKeepKey && last.effects === 0;
  }

  function checkPayload({ name, request }: Execution, { amount }: Window): void {
    if (amount === request.amount) return;
    objects(`${name}, which pays ${request.amount}, has taken the key of paying ${amount}`);
  }

  function hasExpired({ expiresAt }: Item): boolean {
    return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= now();
  }
}

/** Freeing brings it forward. */
function expiryOf(record: Item | undefined): number {
  return Number(record?.expiresAt?.N ?? Number.POSITIVE_INFINITY);
}
