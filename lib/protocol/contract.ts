import type { OutcomePolicy } from "./outcome.ts";
import type { Retention } from "./retention.ts";
import type { Takeover } from "./store.ts";

/**
 * The part of a profile that the protocol keeps; `Profile` documents each member. The rest is HTTP.
 */
export interface Contract {
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
