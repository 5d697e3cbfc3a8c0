import { refusalFrom } from "../errors.ts";
import { waitForLiveClaim } from "./after-handler.ts";
import { waitBudgetMs, waitForOwner } from "./enter.ts";
import type { KeyedRequest, ReplayOrRefusal } from "./execution.ts";
import { patiently } from "./patience.ts";
import { isTakenOver, refuse, replayOrRefuse } from "./replay-or-refuse.ts";
import { isUnused, judgeClaim } from "./verdict.ts";

/**
 * The state of a key under which a request is about to be refused, although it has claimed nothing.
 *
 * - `"unused"`: the refusal denies nothing.
 * - `"interrupted"`: the same request has begun, and a claim may take it over.
 */
export type StateBeforeRefusal = "unused" | "interrupted" | ReplayOrRefusal;

/**
 * Reads the record before a refusal by rules that may be younger than the record: a request that has
 * begun is not denied.
 *
 *     Monday     claim ── handler pays ── complete: 201 (lost on the way)
 *     Tuesday    the rules are tightened: this request is invalid now
 *                retry ── refused by the rules ── read: completed ── replay: 201
 */
export async function readBeforeRefusal(request: KeyedRequest): Promise<StateBeforeRefusal> {
  const { tools, id, fingerprint, scheme, previous, durable } = request;
  // No execution has this owner, so no record is mistaken for an earlier send of this one.
  const claimant = { owner: "", fingerprint, scheme, previous, durable };
  const waitUntilMs = tools.clock.now() + waitBudgetMs(request);
  try {
    const record = await patiently(request, (options) => tools.store.read(id, options));
    const found = judgeClaim(record, claimant, tools.clock.now());
    const verdict = await waitForOwner(request, claimant, found, waitUntilMs);
    if (isUnused(verdict)) return "unused";
    if (isTakenOver(request, verdict)) return "interrupted";
    return replayOrRefuse(request, waitForLiveClaim(verdict, tools.clock.now()));
  } catch (error) {
    return refuse(request, refusalFrom(error));
  }
}
