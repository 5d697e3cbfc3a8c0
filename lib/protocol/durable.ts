import type { ClaimedRecord } from "./record.ts";

/**
 * A durable execution of Lambda: many invocations, one after another, that replay one journal.
 *
 *     invocation 1   claim ── step 1 ✓ ── wait: suspended
 *     another        claim ── refused: in flight
 *     invocation 2                            claim: found suspended, taken over ── step 2 ── complete
 *
 * Every execution of the protocol in it has an owner that begins with its id, so that each invocation finds
 * the claim of an earlier one, and none takes the claim of another for its own.
 */
export interface DurableExecution {
  /** Digest of its ARN. */
  readonly id: string;
  /** Milliseconds after which Lambda ends it, counted from its start. */
  readonly timeoutMs: number;
  /** The owners that this invocation has brought forth. Their claims are not suspended. */
  readonly owners: Set<string>;
}

/** No digest has this character. */
const SEPARATOR = ".";

/** The owner of one execution of the protocol in a durable execution. */
export function durableOwner({ id }: DurableExecution, unique: string): string {
  return `${id}${SEPARATOR}${unique}`;
}

/**
 * Whether an earlier invocation of the same durable execution has made a claim, and has not released it. A
 * call beside this one, of the same invocation, is at work and not suspended.
 */
export function isSuspended(
  { owner, leaseUntilMs }: Pick<ClaimedRecord, "owner" | "leaseUntilMs">,
  durable: DurableExecution | undefined,
): boolean {
  if (durable === undefined || leaseUntilMs <= 0) return false;
  return owner.startsWith(`${durable.id}${SEPARATOR}`) && !durable.owners.has(owner);
}
