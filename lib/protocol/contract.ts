import type { OutcomePolicy } from "./outcome.ts";
import type { Retention } from "./retention.ts";
import type { Takeover } from "./store.ts";

/**
 * A promise about retries, without the form in which a caller hears of it. `Profile`, the promise of an
 * HTTP API, documents each member. The contracts of functions are `task()`, `queue()`, `stream()` and
 * `tool()`.
 */
export interface Contract {
  /** The name of the contract, for logs and metrics. */
  readonly name: string;
  /** A repeat while the first execution runs. */
  readonly inFlight: "refuse" | { readonly waitMs: number };
  /** Another request under the same key. */
  readonly mismatch: "refuse" | "replay";
  /**
   * A repeat after completion. `entity` = 200 and the entity that the first request created, as it
   * is now.
   */
  readonly completed: "replay" | "refuse" | "entity";
  /** A repeat after the owner died or gave up. */
  readonly interrupted: "restart" | "resume" | "refuse";
  /** An interrupted request that no client repeats. */
  readonly abandoned: "leave" | "complete" | "unknown";
  /** Whether a completed record holds the response, or only that there was one (a tombstone). */
  readonly keepsResponses: boolean;
  /** Which endings are stored, which release the claim, and which free the key. */
  readonly outcome: OutcomePolicy;
  /** How long a response is kept. */
  readonly retention: Retention;
}

/**
 * The lapsed claims that a request may take over. A claim that comes with the commit resumes nothing:
 * its handler has run without the recorded steps.
 */
export function allowedTakeover(
  { interrupted }: Pick<Contract, "interrupted">,
  claimAt: "start" | "commit",
): Takeover {
  if (interrupted === "refuse") return "never";
  return interrupted === "resume" && claimAt === "start" ? "resume" : "restart";
}
