import type { Item } from "../../local/engine/in-memory/value.ts";
import type { Actor } from "./pending-event.ts";
import type { RequestPlan } from "./plan.ts";

/** One run of the function, for one request. */
export interface Execution extends Actor {
  readonly request: RequestPlan;
  /** Whether the completer has called the function, which may finish a begun request and begin none. */
  readonly isCompletion: boolean;
  /** The number of its key's windows that had ended when it began. */
  readonly endedBefore: number;
  /** The open window at its begin, if a client had been told of that window's success. */
  readonly answeredWindow: Window | undefined;
  /** The window of its claim. */
  window?: Window;
  /** Whether its handler acted or failed, so that it has no right to free the key. */
  mustKeepKey: boolean;
}

/**
 * The time in which the promises hold: from the first claim of a key to its legitimate end. A window
 * ends when the record expires, or when its owner frees the key before anything had begun.
 */
export interface Window {
  /** Grows from window to window of one key. */
  readonly number: number;
  /** The payload that has taken the key. */
  readonly amount: number;
  /** The execution that owns the claim at present. */
  holder: Execution;
  effects: number;
  /** Whether its response is recorded. */
  isComplete: boolean;
  /** The successful response that a client got. */
  success?: string;
}

/** The judge's knowledge of one tenant's key, which the code under test does not share. */
export interface Account {
  /** The number of ended windows. */
  countEnded(): number;
  /** The window that has not ended. */
  openWindow(): Window | undefined;
  /** Notes a change of the key's record. */
  recordChange(execution: Execution, before: Item | undefined, after: Item): void;
  /** Notes an effect of the execution, in DynamoDB or elsewhere. */
  recordEffect(execution: Execution): void;
  /** Ends the window, because the record has expired. */
  expire(): void;
}

/** @param reportViolation called for each broken promise. */
export function createAccount(
  tenant: string,
  now: () => number,
  reportViolation: (violation: string) => void,
): Account {
  let windows = 0;
  let last: Window | undefined;
  let isOpen = false;
  let lastFence = 0;

  return {
    countEnded: () => (isOpen ? windows - 1 : windows),
    openWindow: () => (isOpen ? last : undefined),

    recordChange(execution, before, after) {
      if (after.state?.S === "COMPLETED" && execution.window) execution.window.isComplete = true;
      if (after.owner?.S !== before?.owner?.S) {
        recordClaim(execution, Number(after.fence?.N));
      } else if (after.state?.S === "CLAIMED" && readExpiry(after) < readExpiry(before)) {
        isOpen &&= !mayFree(execution);
      } else if (last === execution.window && !hasExpired(after)) {
        // The owner slept for days, no other execution claimed the key, and the owner has completed it.
        isOpen = true;
      }
    },

    recordEffect(execution) {
      const window = execution.window ?? findWindow(execution);
      window.effects += 1;
      if (window.effects > 1) reportViolation(`${tenant} has paid twice under one key`);
      checkPayload(execution, window);
    },

    expire() {
      isOpen = false;
    },
  };

  function recordClaim(execution: Execution, fence: number): void {
    if (fence <= lastFence) {
      reportViolation(
        `${execution.name} has claimed with fence ${fence}, which is not above ${lastFence}`,
      );
    }
    lastFence = fence;
    const window = findWindow(execution);
    window.holder = execution;
    execution.window = window;
    checkPayload(execution, window);
  }

  /** The window that has not ended, or a new one. */
  function findWindow(holder: Execution): Window {
    if (isOpen && last !== undefined) return last;
    if (holder.isCompletion)
      reportViolation(`${holder.name} has begun a request after the end of its window`);
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
    reportViolation(
      `${name}, which pays ${request.amount}, has taken the key of a payment of ${amount}`,
    );
  }

  function hasExpired({ expiresAt }: Item): boolean {
    return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= now();
  }
}

/** The expiry of a record. Freeing sets an earlier one. */
function readExpiry(record: Item | undefined): number {
  return Number(record?.expiresAt?.N ?? Number.POSITIVE_INFINITY);
}
