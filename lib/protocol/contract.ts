import type { OutcomePolicy } from "./outcome.ts";
import type { Retention } from "./retention.ts";

/** What an API promises about retries, as far as the protocol keeps it; the rest is HTTP. */
export interface Contract {
  /** A repeat while the first is executed: refused at once, or kept waiting for its answer. */
  readonly inFlight: "refuse" | { readonly waitMs: number };
  /** Another request under the same key: refused, or answered with the first one's answer. */
  readonly mismatch: "refuse" | "replay";
  /**
   * A repeat after completion: answered with the stored answer, refused, or answered with 200 and
   * the entity that the first request created, as it is now.
   */
  readonly completed: "replay" | "refuse" | "entity";
  /**
   * A repeat after the owner died, or gave up: executed again; resumed, so that no step that is
   * recorded runs again, and nothing incomplete ever expires; or refused until somebody settles it.
   */
  readonly interrupted: "restart" | "resume" | "refuse";
  /** Which endings are stored, which release the claim, which free the key. */
  readonly outcome: OutcomePolicy;
  /** How long an answer is kept. */
  readonly retention: Retention;
}

/** Whether a claim whose lease has lapsed may be taken over by a repeat. */
export function allowedTakeover({ interrupted }: Contract): "never" | "allowed" {
  return interrupted === "refuse" ? "never" : "allowed";
}
