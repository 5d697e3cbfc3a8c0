import type { Execution, Tools } from "./execution.ts";
import { patiently } from "./patience.ts";
import { longPastSeconds } from "./retention.ts";

/**
 * Ends a claim that has no response to record. If another execution has held the claim in between,
 * it is released and not freed: the work which that execution began must not be forgotten.
 */
export async function endClaim(
  tools: Tools,
  { request, owner, claims }: Execution,
  settlement: "release" | "free",
): Promise<"released" | "freed" | "fenced"> {
  const { store, clock } = tools;
  const claim = { id: request.id, owner };
  if (settlement === "free") {
    const expiresAtSeconds = longPastSeconds(clock.now());
    const free = { ...claim, claims, expiresAtSeconds };
    const freed = await patiently(tools, request, (options) => store.free(free, options));
    if (freed.applied) return "freed";
  }
  const released = await patiently(tools, request, (options) => store.release(claim, options));
  return released.applied ? "released" : "fenced";
}
