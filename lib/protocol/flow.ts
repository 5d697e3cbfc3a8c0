import { refusalFrom } from "../errors.ts";
import { answer, refuse } from "./answer.ts";
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
import { expiresAtSeconds, longPastSeconds } from "./retention.ts";
import type { ClaimRequest } from "./store.ts";
import { entityIdFor, uniqueText } from "./unique.ts";
import { type Claimant, judgeClaim, type Verdict } from "./verdict.ts";

/**
 * Before the handler. Claims the id in one write. If that is refused, the record that stood in the
 * way says what the request gets; while its owner is still at work, it is waited for if the profile
 * says so.
 *
 * @param takeover `"only"` = nothing but abandoned work of the same request is claimed.
 */
export async function enter(
  tools: Tools,
  promises: Contract,
  request: KeyedRequest,
  takeover: ClaimRequest["takeover"] = allowedTakeover(promises),
): Promise<Entry> {
  const me = newOwner(tools, request);
  const waitUntilMs = tools.clock.now() + waitBudgetMs(tools, promises, request);
  try {
    for (;;) {
      const claimed = await claim(tools, promises, request, me, takeover);
      if ("execution" in claimed) return { kind: "execute", execution: claimed.execution };
      const verdict = await waitForOwner(tools, request, me, claimed.verdict, waitUntilMs);
      const waitIsOver = tools.clock.now() >= waitUntilMs;
      if (waitIsOver || !isOutOfTheWay(verdict, takeover)) {
        return answer(tools, promises, request, verdict);
      }
    }
  } catch (error) {
    if (takeover === "never") await undoClaim(tools, request, me);
    return refuse(tools, request, refusalFrom(error));
  }
}

/**
 * The claim may have been made although nobody heard of it. Where it can be taken over, its lease
 * ends it; where it cannot, a key under which nothing was ever executed would be refused for ever.
 */
async function undoClaim(tools: Tools, request: KeyedRequest, { owner }: Claimant): Promise<void> {
  const expiresAtSeconds = longPastSeconds(tools.clock.now());
  const claim = { id: request.id, owner, claims: 1, expiresAtSeconds };
  await patiently(tools, request, (options) => tools.store.free(claim, options)).catch(() => {});
}

/**
 * In place of `enter`, for handlers whose effects are all in one commit: nothing is claimed before
 * the handler, because completing the record is the claim, and carries the effects with it.
 */
export function enterUnclaimed(tools: Tools, promises: Contract, request: KeyedRequest): Execution {
  const me = newOwner(tools, request);
  const claimedAtMs = Math.floor(tools.clock.now());
  const entityId = wantedEntityId(promises, request);
  const nothing = { fence: undefined, claims: 0, startedAtMs: 0, steps: [] };
  return { ...me, ...nothing, request, entityId, claimedAtMs };
}

/**
 * After a handler whose answer is not recorded (`complete` is for the others). Whatever is written
 * is written under the condition that the claim is still this execution's.
 *
 * @param message tells the operator why a response is not recorded that looked like one to be.
 */
export async function settleWithoutResponse(
  tools: Tools,
  promises: Contract,
  execution: Execution,
  settlement: Exclude<Settlement, "complete">,
  message?: string,
): Promise<Exit> {
  const { id } = execution.request;
  const { fence } = execution;
  if (fence === undefined) return answerOfRepeat(tools, promises, execution);
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
 * Nothing was claimed, so nobody knows yet whether this is a repeat; and what is not stored must not
 * hide an answer that is: a handler that refuses "paid already" would deny the payment it has made.
 */
export async function answerOfRepeat(
  tools: Tools,
  promises: Contract,
  execution: Execution,
): Promise<Exit> {
  const { request } = execution;
  try {
    const record = await patiently(tools, request, (options) =>
      tools.store.read(request.id, options),
    );
    const verdict = judgeClaim(record, execution, tools.clock.now());
    const isRepeat = verdict.kind === "completed" || verdict.kind === "mismatch";
    return isRepeat ? answer(tools, promises, request, verdict) : { kind: "stands" };
  } catch (error) {
    return refuse(tools, request, refusalFrom(error));
  }
}

async function claim(
  tools: Tools,
  promises: Contract,
  request: KeyedRequest,
  me: Claimant,
  takeover: ClaimRequest["takeover"],
): Promise<
  { readonly execution: Execution } | { readonly verdict: Exclude<Verdict, { kind: "own" }> }
> {
  // A clock may count in fractions; a record does not.
  const nowMs = Math.floor(tools.clock.now());
  const wanted: ClaimRequest = {
    ...me,
    id: request.id,
    nowMs,
    leaseUntilMs: leaseUntilMs(nowMs, request.remainingMs(), tools.leaseMarginMs),
    expiresAtSeconds: expiryOfClaim(promises, nowMs),
    entityId: wantedEntityId(promises, request),
    takeover,
    completer: request.completer,
  };
  const written = await patiently(tools, request, (options) => tools.store.claim(wanted, options));
  const verdict: Verdict = written.applied
    ? { kind: "own", record: written.record }
    : judgeClaim(written.record, me, tools.clock.now());
  if (verdict.kind !== "own") return { verdict };
  const { fence, claims, entityId, startedAtMs = nowMs, steps = [] } = verdict.record;
  tools.observe({ kind: "claimed", recordId: request.id, fence });
  const begun = { fence, claims, entityId, claimedAtMs: nowMs, startedAtMs, steps };
  return { execution: { ...me, request, ...begun } };
}

/** What is to be resumed does not expire before it is complete. */
function expiryOfClaim({ interrupted, retention }: Contract, nowMs: number): number | undefined {
  return interrupted === "resume" ? undefined : expiresAtSeconds(retention, nowMs);
}

/** Recorded with the claim, so that even a refusal while the first is in flight can name it. */
function wantedEntityId({ completed }: Contract, { id }: KeyedRequest): string | undefined {
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
  me: Claimant,
  first: Exclude<Verdict, { kind: "own" }>,
  waitUntilMs: number,
): Promise<Verdict> {
  let verdict: Verdict = first;
  for (let pollMs = FIRST_POLL_MS; verdict.kind === "inFlight"; pollMs *= 2) {
    const leftMs = waitUntilMs - tools.clock.now();
    if (leftMs <= 0) break;
    await tools.clock.sleep(Math.min(pollMs, LONGEST_POLL_MS, leftMs));
    verdict = (await pollOwner(tools, request, me)) ?? verdict;
  }
  return verdict;
}

/** @returns `undefined` = the store has no capacity for the question; the next poll asks again. */
async function pollOwner(
  tools: Tools,
  request: KeyedRequest,
  me: Claimant,
): Promise<Verdict | undefined> {
  try {
    const record = await tools.store.read(request.id, callOptions(request));
    return judgeClaim(record, me, tools.clock.now());
  } catch (error) {
    if (isForNow(error)) return undefined;
    throw error;
  }
}

/** The owner that was waited for has gone without an answer, and a new claim may succeed. */
function isOutOfTheWay({ kind }: Verdict, takeover: ClaimRequest["takeover"]): boolean {
  if (kind === "unused") return takeover !== "only";
  return kind === "lapsed" && takeover !== "never";
}

/** Waiting must leave the invocation enough time to answer. */
function waitBudgetMs(tools: Tools, promises: Contract, request: KeyedRequest): number {
  if (promises.inFlight === "refuse") return 0;
  const remainingMs = request.remainingMs() ?? Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(promises.inFlight.waitMs, remainingMs - tools.leaseMarginMs));
}
