import { ConfigurationError } from "../errors.ts";
import { CLOCK_ERROR_MS } from "../protocol/clock.ts";
import type { Contract } from "../protocol/contract.ts";
import { LONGEST_INVOCATION_MS } from "../protocol/lease.ts";
import { decides } from "../protocol/policy-trial.ts";
import { oneOf, type Requirement, type Requirements } from "./requirements.ts";

/** A record must outlive the longest lease by every clock, or a retry could run beside its owner. */
const SHORTEST_RETENTION_SECONDS = (2 * LONGEST_INVOCATION_MS + CLOCK_ERROR_MS) / 1000;

/** The requirements of the members of every contract. */
export const CONTRACT_REQUIREMENTS: Requirements<Contract> = {
  name: [(value) => typeof value === "string" && value !== "", "a name"],
  inFlight: [
    (value) => value === "refuse" || isPositive((value as { waitMs?: unknown } | null)?.waitMs),
    '"refuse" or { waitMs: milliseconds above 0 }',
  ],
  mismatch: oneOf("refuse", "replay"),
  completed: oneOf("replay", "refuse", "entity"),
  interrupted: oneOf("restart", "resume", "refuse"),
  abandoned: oneOf("leave", "complete", "unknown"),
  keepsResponses: [(value) => typeof value === "boolean", "true or false"] satisfies Requirement,
  outcome: [
    decides,
    'a function that returns "complete", "release", "free" or "leave" for every ending',
  ],
  retention: [
    isRetention,
    `"never" or { seconds: a whole number of at least ${SHORTEST_RETENTION_SECONDS}, from: "claim" or "completion" }`,
  ],
};

/**
 * Checks the combinations of members that cannot work.
 *
 * @param where the kind of contract, which begins the message.
 * @throws ConfigurationError
 */
export function checkInterrupted(
  where: string,
  { interrupted, retention }: Pick<Contract, "interrupted" | "retention">,
): void {
  if (interrupted === "refuse" && retention !== "never") {
    throw new ConfigurationError(
      `${where}: interrupted is "refuse", but the interrupted claim would expire after ${retention.seconds} seconds, and a retry would execute then; expected retention "never".`,
    );
  }
}

function isRetention(value: unknown): boolean {
  if (value === "never") return true;
  const { seconds, from } = (value ?? {}) as { seconds?: number; from?: unknown };
  return (
    Number.isInteger(seconds) &&
    (seconds as number) >= SHORTEST_RETENTION_SECONDS &&
    (from === "claim" || from === "completion")
  );
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}
