import { setTimeout as sleep } from "node:timers/promises";

/** How long other transfers are given way to. */
export interface RetryLimits {
  /** Epoch milliseconds after which nothing is sent again. */
  readonly deadlineMs: number;
  /** Aborted when nobody waits for the outcome any more. */
  readonly signal: AbortSignal;
}

/** Other transfers held one of the accounts, or DynamoDB throttled, until the deadline. */
export class LedgerBusyError extends Error {
  override readonly name = "LedgerBusyError";
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Sends a transaction until it meets no other one. The SDK does not repeat cancelled transactions by
 * itself. The pauses have full jitter, so that those who have met do not meet again.
 *
 * @throws LedgerBusyError at the deadline, and whatever else `send` throws at once.
 */
export async function retryConflicts<Result>(
  send: () => Promise<Result>,
  { deadlineMs, signal }: RetryLimits,
): Promise<Result> {
  for (let longestPauseMs = FIRST_PAUSE_MS; ; longestPauseMs *= 2) {
    try {
      return await send();
    } catch (error) {
      if (!isConflict(error)) throw error;
      const pauseMs = Math.random() * Math.min(longestPauseMs, LONGEST_PAUSE_MS);
      if (Date.now() + pauseMs >= deadlineMs) {
        throw new LedgerBusyError(
          "The accounts were busy with other transfers until the deadline. Send the same order again.",
          { cause: error },
        );
      }
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

/** As an error of its own, and as the reason why a transaction was cancelled. */
const CONFLICTS = new Set([
  "TransactionInProgressException",
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);

function isConflict(error: unknown): boolean {
  const { name, CancellationReasons: reasons } = error as {
    name?: string;
    CancellationReasons?: readonly { Code?: string }[];
  };
  const codes = [name, ...(reasons ?? []).map((reason) => reason.Code)];
  return codes.some((code) => code !== undefined && CONFLICTS.has(code));
}
