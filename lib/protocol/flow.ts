import { refusalFrom } from "../errors.ts";
import { allowedTakeover, type Contract } from "./contract.ts";
import { endClaim } from "./end-claim.ts";
import {
  callOptions,
  type Entry,
  type Execution,
  type Exit,
  type KeyedRequest,
  type Tools,
} from "./execution.ts";
import { leaseUntilMs } from "./lease.ts";
import type { Settlement } from "./outcome.ts";
import { isForNow, patiently } from "./patience.ts";
import { refuse, replayOrRefuse } from "./replay-or-refuse.ts";
import { expiresAtSeconds, longPastSeconds } from "./retention.ts";
import type { ClaimRequest } from "./store.ts";
import { entityIdFor, uniqueText } from "./unique.ts";
import { type Claimant, judgeClaim, type Verdict } from "./verdict.ts";

/**
 * Before the handler. Claims the id in one write. If the claim is refused, the record in its way
 * decides the response. While the owner of that record is still at work, the request waits if the
 * profile says so.
 *
 * @param takeover `"only"` = claim nothing but abandoned work of the same request.
 */
export async function enter(
  tools: Tools,
  contract: Contract,
  request: KeyedRequest,
  takeover: ClaimRequest["takeover"] = allowedTakeover(contract),
): Promise<Entry> {
  const claimant = newOwner(tools, request);
  const waitUntilMs = tools.clock.now() + waitBudgetMs(tools, contract, request);
  try {
    for (;;) {
      const claimed = await claim(tools, contract, request, claimant, takeover);
      if ("execution" in claimed) return { kind: "execute", execution: claimed.execution };
      const verdict = await waitForOwner(tools, request, claimant, claimed.verdict, waitUntilMs);
      const waitIsOver = tools.clock.now() >= waitUntilMs;
      if (waitIsOver || !isOutOfTheWay(verdict, takeover)) {
        return replayOrRefuse(tools, contract, request, verdict);
      }
    }
  } catch (error) {
    if (takeover === "never") await undoClaim(tools, request, claimant);
    return refuse(tools, request, refusalFrom(error));
  }
}

/**
 * The claim may have been applied although its reply was lost. A lease ends a claim that may be
 * taken over. A claim that may not would block a key for ever under which nothing was ever
 * executed.
 */
async function undoClaim(tools: Tools, request: KeyedRequest, { owner }: Claimant): Promise<void> {
  const expiresAtSeconds = longPastSeconds(tools.clock.now());
  const claim = { id: request.id, owner, claims: 1, expiresAtSeconds };
  await patiently(tools, request, (options) => tools.store.free(claim, options)).catch(() => {});
}

/**
 * In place of `enter`, for handlers whose effects are all in one commit. Nothing is claimed before
 * the handler: completing the record is the claim, and carries the effects with it.
 */
export function enterUnclaimed(tools: Tools, contract: Contract, request: KeyedRequest): Execution {
  const claimant = newOwner(tools, request);
  const claimedAtMs = Math.floor(tools.clock.now());
  const entityId = allocateEntityId(contract, request);
  const nothing = { fence: undefined, claims: 0, startedAtMs: 0, steps: [] };
  return { ...claimant, ...nothing, request, entityId, claimedAtMs };
}

/**
 * After a handler whose response is not recorded (`complete` is for the others). Every write is on
 * condition that this execution still owns the claim.
 *
 * @param message tells the operator why a response was not recorded although it looked like one to
 *   record.
 */
export async function settleWithoutResponse(
  tools: Tools,
  contract: Contract,
  execution: Execution,
  settlement: Exclude<Settlement, "complete">,
  message?: string,
): Promise<Exit> {
  const { id } = execution.request;
  const { fence } = execution;
  if (fence === undefined) return settleAsRepeat(tools, contract, execution);
  switch (settlement) {
    case "leave":
      tools.observe({ kind: "left", recordId: id, fence, ...(message && { message }) });
      return { kind: "stands" };
    case "release":
    case "free":
      try {
        const kind = await endClaim(tools, execution, settlement);
        tools.observe({ kind, recordId: id, fence });
      } catch (cause) {
        tools.observe({ kind: "unsettled", recordId: id, fence, cause });
      }
      return { kind: "stands" };
  }
}

/**
 * Nothing was claimed, so the request may be a repeat. A response that is not stored must not hide
 * one that is: a handler that refuses "paid already" would deny the payment it has made.
 */
export async function settleAsRepeat(
  tools: Tools,
  contract: Contract,
  execution: Execution,
): Promise<Exit> {
  const { request } = execution;
  try {
    const record = await patiently(tools, request, (options) =>
      tools.store.read(request.id, options),
    );
    const verdict = judgeClaim(record, execution, tools.clock.now());
    const isRepeat = verdict.kind === "completed" || verdict.kind === "mismatch";
    return isRepeat ? replayOrRefuse(tools, contract, request, verdict) : { kind: "stands" };
  } catch (error) {
    return refuse(tools, request, refusalFrom(error));
  }
}

async function claim(
  tools: Tools,
  contract: Contract,
  request: KeyedRequest,
  claimant: Claimant,
  takeover: ClaimRequest["takeover"],
): Promise<
  { readonly execution: Execution } | { readonly verdict: Exclude<Verdict, { kind: "own" }> }
> {
  // A clock may count in fractions; a record does not.
  const nowMs = Math.floor(tools.clock.now());
  const claimRequest: ClaimRequest = {
    ...claimant,
    id: request.id,
    nowMs,
    leaseUntilMs: leaseUntilMs(nowMs, request.remainingMs(), tools.leaseMarginMs),
    expiresAtSeconds: claimExpirySeconds(contract, nowMs),
    entityId: allocateEntityId(contract, request),
    takeover,
    completer: request.completer,
  };
  const written = await patiently(tools, request, (options) =>
    tools.store.claim(claimRequest, options),
  );
  const verdict: Verdict = written.applied
    ? { kind: "own", record: written.record }
    : judgeClaim(written.record, claimant, tools.clock.now());
  if (verdict.kind !== "own") return { verdict };
  const { fence, claims, entityId, startedAtMs = nowMs, steps = [] } = verdict.record;
  tools.observe({ kind: "claimed", recordId: request.id, fence });
  const begun = { fence, claims, entityId, claimedAtMs: nowMs, startedAtMs, steps };
  return { execution: { ...claimant, request, ...begun } };
}

/** A record to be resumed does not expire before it is complete. */
function claimExpirySeconds(
  { interrupted, retention }: Contract,
  nowMs: number,
): number | undefined {
  return interrupted === "resume" ? undefined : expiresAtSeconds(retention, nowMs);
}

/**
 * Recorded with the claim, so that even a refusal while the first execution runs can name the
 * entity.
 */
function allocateEntityId({ completed }: Contract, { id }: KeyedRequest): string | undefined {
  return completed === "entity" ? entityIdFor(id) : undefined;
}

function newOwner(tools: Tools, request: KeyedRequest): Claimant {
  return { owner: uniqueText("owner", tools, request), fingerprint: request.fingerprint };
}

const FIRST_POLL_MS = 25;
const LONGEST_POLL_MS = 400;

async function waitForOwner(
  tools: Tools,
  request: KeyedRequest,
  claimant: Claimant,
  first: Exclude<Verdict, { kind: "own" }>,
  waitUntilMs: number,
): Promise<Verdict> {
  let verdict: Verdict = first;
  for (let pollMs = FIRST_POLL_MS; verdict.kind === "inFlight"; pollMs *= 2) {
    const leftMs = waitUntilMs - tools.clock.now();
    if (leftMs <= 0) break;
    await tools.clock.sleep(Math.min(pollMs, LONGEST_POLL_MS, leftMs));
    verdict = (await pollOwner(tools, request, claimant)) ?? verdict;
  }
  return verdict;
}

/** @returns `undefined` = the store has no capacity for this read; the next poll reads again. */
async function pollOwner(
  tools: Tools,
  request: KeyedRequest,
  claimant: Claimant,
): Promise<Verdict | undefined> {
  try {
    const record = await tools.store.read(request.id, callOptions(request));
    return judgeClaim(record, claimant, tools.clock.now());
  } catch (error) {
    if (isForNow(error)) return undefined;
    throw error;
  }
}

/** The previous owner has gone without a response, and a new claim may succeed. */
function isOutOfTheWay({ kind }: Verdict, takeover: ClaimRequest["takeover"]): boolean {
  if (kind === "unused") return takeover !== "only";
  return kind === "lapsed" && takeover !== "never";
}

/** The wait must leave the invocation enough time to respond. */
function waitBudgetMs(tools: Tools, contract: Contract, request: KeyedRequest): number {
  if (contract.inFlight === "refuse") return 0;
  const remainingMs = request.remainingMs() ?? Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(contract.inFlight.waitMs, remainingMs - tools.leaseMarginMs));
}
