import { durableOwner } from "./durable.ts";
import type { Execution, KeyedRequest } from "./execution.ts";
import { durableLeaseUntilMs, leaseUntilMs } from "./lease.ts";
import { patiently } from "./patience.ts";
import type { ClaimedRecord, IdempotencyRecord } from "./record.ts";
import { hasEntity, isTakenOver, suspendedTakeover } from "./replay-or-refuse.ts";
import { expiresAtSeconds, freedUntilSeconds, notBefore } from "./retention.ts";
import type { ClaimOutcome, ClaimRequest, FreeRequest, ReplacedRecord } from "./store.ts";
import { entityIdFor, uniqueText } from "./unique.ts";
import { type Claimant, judgeClaim, type Verdict } from "./verdict.ts";

/** The right to execute the request, or the meaning of the record in the way. */
export type Claimed =
  | { readonly execution: Execution }
  | { readonly verdict: Exclude<Verdict, { kind: "own" }> };

/** The rounds of claims whose record changes each time, until the request is told to come again. */
const MOST_ROUNDS = 4;

/**
 * Claims the id. The first write takes an id without a record, or a lapsed claim of the same request.
 * A record that has ended or was freed is replaced by a write of its own, which names exactly that
 * record, so that nothing of it reaches the new request:
 *
 *     first      claim A ── FREE A: freed
 *     second              claim B: refused, freed by A ── claim B in place of A's: applied
 *     late copy of claim A ──────────────────────────────────────▶ refused: the id has a record
 *
 * A suspended claim is taken over by a write that names exactly that claim, its lease too. It counts as a
 * takeover, so it gets the next fence: an earlier invocation that is still at work can write nothing more.
 *
 * @param mayReplace whether the claim may take a record that was freed or has ended. A claim after the
 *   handler may not take one that may say how another execution of its request has ended.
 */
export async function claim(
  request: KeyedRequest,
  claimant: Claimant,
  mayReplace: (record: IdempotencyRecord) => boolean = () => true,
): Promise<Claimed> {
  const { tools } = request;
  let target: Target = {};
  for (let round = 1; ; round += 1) {
    // A clock may count in fractions; a record does not.
    const nowMs = Math.floor(tools.clock.now());
    const claim = createClaim(request, claimant, nowMs, target);
    const written = await send(request, claim);
    const verdict: Verdict = written.applied
      ? { kind: "own", record: written.record }
      : judgeClaim(written.record, claimant, tools.clock.now());
    if (verdict.kind === "own") {
      tools.observe({ kind: "claimed", recordId: request.id, fence: verdict.record.fence });
      return { execution: createExecution(request, claimant, verdict.record, nowMs) };
    }
    const isReplaced = verdict.kind === "freed" || verdict.kind === "ended";
    const stops = isReplaced && !mayReplace(verdict.record);
    const next = round < MOST_ROUNDS && !stops ? nextTarget(request, verdict, claim) : undefined;
    if (next === undefined) return { verdict };
    target = next;
  }
}

function createExecution(
  request: KeyedRequest,
  claimant: Claimant,
  record: ClaimedRecord,
  claimedAtMs: number,
): Execution {
  const { fence, claims, entityId, fingerprint, originFingerprint = fingerprint } = record;
  // A completer's attempt has the fingerprint of the record, and so its scheme.
  const { scheme = claimant.scheme } = record;
  const { startedAtMs = claimedAtMs, steps = [], begunAtMs, notLookedAtSinceMs } = record;
  return {
    ...claimant,
    request,
    ...{ scheme, fence, claims, entityId, claimedAtMs, startedAtMs, steps, originFingerprint },
    notLookedAtSinceMs,
    ...(request.durable && { replaysUntilMs: record.leaseUntilMs }),
    isMarked: begunAtMs !== undefined,
  };
}

/** The record that a claim names; none = it takes an id without a record, or a lapsed claim. */
type Target = Partial<
  Pick<ClaimRequest, "replaces" | "rewrites" | "takeover" | "leaseUntilMs" | "expiresAtSeconds">
>;

/** The target of the next claim, after the record in the way of the last one; `undefined` = none. */
function nextTarget(
  request: KeyedRequest,
  verdict: Verdict,
  claim: ClaimRequest,
): Target | undefined {
  if (verdict.kind === "suspended") {
    return isTakenOver(request, verdict)
      ? resumeSuspended(request, verdict.record, claim)
      : undefined;
  }
  if (verdict.kind === "lapsed") {
    const isNext = verdict.isRewritten && isTakenOver(request, verdict);
    const { record } = verdict;
    return isNext ? { rewrites: { ...nameRecord(record), isOld: record.isOld } } : undefined;
  }
  // A completer's attempt begins no work.
  if (request.onlyLapsed) return undefined;
  switch (verdict.kind) {
    case "freed":
    case "ended":
      return { replaces: nameRecord(verdict.record) };
    case "absent":
      return {};
    default:
      return undefined;
  }
}

/** The lease and the end of a suspended claim may become later, and never earlier. */
function resumeSuspended(
  request: KeyedRequest,
  record: ClaimedRecord,
  claim: ClaimRequest,
): Target {
  const { tools, remainingMs } = request;
  const invocationEndMs = leaseUntilMs(claim.nowMs, remainingMs(), tools.leaseMarginMs);
  const leaseMs = Math.max(record.leaseUntilMs, invocationEndMs);
  const endsNever = record.expiresAtSeconds === undefined || claim.expiresAtSeconds === undefined;
  return {
    rewrites: { ...nameRecord(record), suspendedUntilMs: record.leaseUntilMs },
    takeover: suspendedTakeover(request),
    leaseUntilMs: leaseMs,
    expiresAtSeconds: endsNever ? undefined : notBefore(record.expiresAtSeconds, leaseMs),
  };
}

/** Names a record in the state in which it was seen. */
export function nameRecord({ owner, fence, state }: ReplacedRecord): ReplacedRecord {
  return { owner, fence, state };
}

/** A new owner, which no other execution has been. */
export function newOwner(request: KeyedRequest): Claimant {
  const { fingerprint, scheme, previous, durable } = request;
  const unique = uniqueText("owner", request.tools, request);
  const owner = durable === undefined ? unique : durableOwner(durable, unique);
  durable?.owners.add(owner);
  return { owner, fingerprint, scheme, previous, durable };
}

/** The same owner again, for the claim of an execution that has claimed nothing before. */
export function claimantOf({ owner, fingerprint, scheme, previous, durable }: Claimant): Claimant {
  return { owner, fingerprint, scheme, previous, durable };
}

/**
 * The id of the entity that the request creates. It is recorded with the claim, so that even a refusal
 * while the first execution runs can name the entity.
 */
export function allocateEntityId(request: KeyedRequest): string | undefined {
  return hasEntity(request) ? entityIdFor(request.id) : undefined;
}

function createClaim(
  request: KeyedRequest,
  { owner, fingerprint, scheme }: Claimant,
  nowMs: number,
  target: Target,
): ClaimRequest {
  const { id, takeover, onlyLapsed, completer, durable } = request;
  const leaseMs = claimLeaseUntilMs(request, nowMs);
  return {
    ...{ id, owner, fingerprint, scheme },
    nowMs,
    leaseUntilMs: leaseMs,
    expiresAtSeconds: notBefore(claimExpirySeconds(request, nowMs), durable && leaseMs),
    entityId: allocateEntityId(request),
    takeover,
    onlyLapsed,
    ...target,
    completer,
  };
}

function claimLeaseUntilMs({ tools, remainingMs, durable }: KeyedRequest, nowMs: number): number {
  const { leaseMarginMs: marginMs } = tools;
  return durable === undefined
    ? leaseUntilMs(nowMs, remainingMs(), marginMs)
    : durableLeaseUntilMs(nowMs, remainingMs(), { marginMs, timeoutMs: durable.timeoutMs });
}

/** A record to be resumed, or finished with its event, does not end before it is complete. */
function claimExpirySeconds(
  { contract, completer, isCompleters }: KeyedRequest,
  nowMs: number,
): number | undefined {
  const { interrupted, retention } = contract;
  const isKept = completer?.event !== undefined || isCompleters === true;
  return interrupted === "resume" || isKept ? undefined : expiresAtSeconds(retention, nowMs);
}

async function send(request: KeyedRequest, claim: ClaimRequest): Promise<ClaimOutcome> {
  const { store } = request.tools;
  try {
    return await patiently(request, (options) => store.claim(claim, options));
  } catch (error) {
    // A suspended claim belongs to the same durable execution before and after: its next invocation goes on.
    if (request.takeover === "never" && claim.rewrites === undefined) await undo(request, claim);
    throw error;
  }
}

/**
 * The claim may have been applied although its reply was lost, or may still be. A lease ends a claim
 * that may be taken over. A claim that may not would block a key for ever under which nothing was ever
 * executed. Its fence is known, because it took an id without a record, or replaced a known one.
 *
 * If the claim has not arrived, a freed record takes the place that it would take, so that it finds it:
 *
 *     me     claim ──(slow)──────────────────┐
 *            FREE: no record ── FREE of the unclaimed id: freed
 *                                            └▶ refused: the id has a record
 */
async function undo(
  request: KeyedRequest,
  { id, owner, fingerprint, scheme, nowMs, replaces }: ClaimRequest,
): Promise<void> {
  const { store, clock } = request.tools;
  const fence = (replaces?.fence ?? nowMs) + 1;
  const freedAtMs = Math.floor(clock.now());
  const expiresAtSeconds = freedUntilSeconds(freedAtMs);
  const claimed: FreeRequest = { id, owner, fence, claims: 1, expiresAtSeconds };
  // Not the time of the claim: if the process was frozen meanwhile, the fence would be below earlier ones.
  const claim = { fingerprint, scheme, nowMs: freedAtMs };
  const unclaimed: FreeRequest = { id, owner, claim, replaces, expiresAtSeconds };
  // TTL may have deleted the record that the claim was to replace.
  const absent: FreeRequest[] =
    replaces === undefined ? [] : [{ ...unclaimed, replaces: undefined }];
  // The last: the claim has arrived meanwhile.
  for (const free of [claimed, unclaimed, ...absent, claimed]) {
    const written = await patiently(request, (options) => store.free(free, options)).catch(
      () => {},
    );
    if (written?.applied) return;
  }
}
