import { refusalFrom } from "../errors.ts";
import { allocateEntityId, claim, newOwner } from "./claim.ts";
import { callOptions, type Entry, type Execution, type KeyedRequest } from "./execution.ts";
import { isForNow } from "./patience.ts";
import type { IdempotencyRecord } from "./record.ts";
import { hasEntity, isTakenOver, replayOrRefuse } from "./replay-or-refuse.ts";
import { type Claimant, isUnused, judgeClaim, type Verdict } from "./verdict.ts";

/**
 * Before the handler. Claims the id. If the claim is refused, the record in its way decides the
 * response. While the owner of that record is still at work, the request waits if the profile says so.
 */
export async function enter(request: KeyedRequest): Promise<Entry> {
  const { tools } = request;
  const claimant = newOwner(request);
  const waitUntilMs = tools.clock.now() + waitBudgetMs(request);
  try {
    for (;;) {
      const claimed = await claim(request, claimant);
      if ("execution" in claimed) return { kind: "execute", execution: claimed.execution };
      const verdict = await waitForOwner(request, claimant, claimed.verdict, waitUntilMs);
      const waitIsOver = tools.clock.now() >= waitUntilMs;
      if (waitIsOver || !isOutOfTheWay(request, verdict)) return replayOrRefuse(request, verdict);
    }
  } catch (error) {
    const refusal = refusalFrom(error);
    tools.observe({ kind: "refused", recordId: request.id, ...refusal });
    return { kind: "refuse", refusal };
  }
}

/**
 * In place of `enter`, for handlers whose effects are all in one commit. Nothing is claimed before
 * the handler: completing the record is the claim, and carries the effects with it.
 *
 * @param seen the record that was read before the handler, if it was.
 */
export function enterUnclaimed(request: KeyedRequest, seen?: IdempotencyRecord): Execution {
  const claimedAtMs = Math.floor(request.tools.clock.now());
  const freed = seen?.state === "FREED" ? seen : undefined;
  return {
    ...newOwner(request),
    request,
    claimedAtMs,
    entityId: (hasEntity(request) ? seen?.entityId : undefined) ?? allocateEntityId(request),
    fence: undefined,
    claims: 0,
    startedAtMs: 0,
    steps: [],
    originFingerprint: request.fingerprint,
    isMarked: false,
    freed,
  };
}

const FIRST_POLL_MS = 25;
const LONGEST_POLL_MS = 400;

/** Waits while the owner of a record is at work, and judges the record that it leaves behind. */
export async function waitForOwner(
  request: KeyedRequest,
  claimant: Claimant,
  first: Verdict,
  waitUntilMs: number,
): Promise<Verdict> {
  const { clock } = request.tools;
  let verdict = first;
  for (let pollMs = FIRST_POLL_MS; verdict.kind === "inFlight"; pollMs *= 2) {
    const leftMs = waitUntilMs - clock.now();
    if (leftMs <= 0) break;
    await clock.sleep(Math.min(pollMs, LONGEST_POLL_MS, leftMs));
    verdict = (await pollOwner(request, claimant)) ?? verdict;
  }
  return verdict;
}

/** @returns `undefined` = the store has no capacity for this read; the next poll reads again. */
async function pollOwner(request: KeyedRequest, claimant: Claimant): Promise<Verdict | undefined> {
  const { store, clock } = request.tools;
  try {
    const record = await store.read(request.id, callOptions(request));
    return judgeClaim(record, claimant, clock.now());
  } catch (error) {
    if (isForNow(error)) return undefined;
    throw error;
  }
}

/** The previous owner has gone without a response, and a new claim may succeed. */
function isOutOfTheWay(request: KeyedRequest, verdict: Verdict): boolean {
  return isTakenOver(request, verdict) || (isUnused(verdict) && !request.onlyLapsed);
}

/** The wait must leave the invocation enough time to respond. */
export function waitBudgetMs({ tools, contract, remainingMs }: KeyedRequest): number {
  if (contract.inFlight === "refuse") return 0;
  const leftMs = remainingMs() ?? Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(contract.inFlight.waitMs, leftMs - tools.leaseMarginMs));
}
