import { callOptions, type Execution, type Tools } from "./execution.ts";
import { longPastSeconds } from "./retention.ts";

/**
 * Ends a claim that has no answer to record. One that another execution held in between is released
 * and not freed: what that one has begun must not be forgotten.
 */
export async function endClaim(
  { store, clock }: Tools,
  { request, owner, claims }: Execution,
  settlement: "release" | "free",
): Promise<"released" | "freed" | "fenced"> {
  const claim = { id: request.id, owner };
  if (settlement === "free") {
    const expiresAtSeconds = longPastSeconds(clock.now());
    const freed = await store.free({ ...claim, claims, expiresAtSeconds }, callOptions(request));
    if (freed.applied) return "freed";
  }
  const released = await store.release(claim, callOptions(request));
  return released.applied ? "released" : "fenced";
}
