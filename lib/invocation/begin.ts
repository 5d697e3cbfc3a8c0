import { endedContext, type IdempotencyContext, type InvocationContext } from "../context.ts";
import type { Observation } from "../observe.ts";
import { allowedTakeover } from "../protocol/contract.ts";
import { enter, enterUnclaimed } from "../protocol/enter.ts";
import type { Entry, Execution, KeyedRequest, ReplayOrRefusal } from "../protocol/execution.ts";
import { readRemainingMs } from "../protocol/lease.ts";
import { recall } from "../protocol/recall.ts";
import type { IdempotencyRecord } from "../protocol/record.ts";
import type { Completer, Takeover } from "../protocol/store.ts";
import type { Settings } from "../settings/settings.ts";
import { createActiveAttempt } from "./active-attempt.ts";
import type { ActiveAttempt, Attempt } from "./attempt.ts";
import { withDeadline } from "./deadline.ts";
import { type Identity, identify } from "./identity.ts";
import { MOST_KEPT_BYTES, writeKeptText } from "./kept-request.ts";
import { noteRecord, refuseNested } from "./nested.ts";
import { createResponder, type Responder } from "./responses.ts";
import { validate } from "./validation.ts";

/**
 * Begins an attempt: request, identity, repeat, validation, claim. The handler runs under the claim, or the
 * request gets its response without it.
 *
 * @param middySignal the signal that Middy gives to a handler; without it the attempt has its own.
 * @throws ConfigurationError if the event is no HTTP request or has no tenant, and the errors of the
 *   options `tenant`, `operation` and `validate`; nothing is claimed then.
 */
export async function begin(
  settings: Settings,
  event: unknown,
  invocation: InvocationContext,
  middySignal?: AbortSignal,
): Promise<Attempt> {
  const { tools } = settings;
  const abort = new AbortController();
  const signal = middySignal ?? abort.signal;
  const { awsRequestId, getRemainingTimeInMillis } = invocation;
  const invocationId = typeof awsRequestId === "string" ? awsRequestId : undefined;
  const remainingMs = () => readRemainingMs(getRemainingTimeInMillis?.call(invocation));

  const identity = await identify(settings, event, invocation, invocationId);
  if ("refusal" in identity) {
    const { request, tenant, recordId, refusal } = identity;
    tools.observe({ kind: "refused", ...(recordId && { recordId }), ...refusal });
    const respond = createResponder(settings, event, request, undefined);
    return respondWith(respond, { kind: "refuse", refusal }, { key: undefined, tenant, signal });
  }

  const { request, key, tenant, profile, claim } = identity;
  const respond = createResponder(settings, event, request, key);
  const keyed = {
    tools,
    contract: profile,
    takeover: readTakeover(settings, identity),
    id: identity.recordId,
    ...identity.compared,
    invocationId,
    remainingMs,
  };
  let seen: IdempotencyRecord | undefined;
  if (key !== undefined) {
    refuseNested(invocation, { store: tools.store, recordId: keyed.id });
    const { ended, record } = await recall(keyed, readConsistency(settings, identity));
    if (ended !== undefined) return respondWith(respond, ended, { key, tenant, signal });
    seen = record;
  }

  // Before the validation, which may change the event: a completer sends the event that was compared.
  const completer = readCompleter(settings, event, invocation, identity);
  const validation = await validate(settings, event, identity, keyed);
  if (validation.kind === "ended")
    return respondWith(respond, validation.ended, { key, tenant, signal });
  if (validation.kind === "invalid") {
    const context = endedContext({ key, tenant, signal, isReplay: false });
    return { response: validation.response, context };
  }
  const { onlyLapsed } = validation;
  const isCompleters = "takeover" in claim && claim.takeover === "only";
  const claiming = { ...keyed, completer, onlyLapsed, isCompleters };
  const entry = await claimFor(identity, claiming, seen);
  if (entry.kind !== "execute") return respondWith(respond, entry, { key, tenant, signal });

  const { execution } = entry;
  if (completer !== undefined && !isCompleters) adviseOnCompleter(settings, execution, completer);
  const whyNoSteps = "whyNoSteps" in claim ? claim.whyNoSteps : undefined;
  const parts = { profile, key, tenant, request, execution, respond, abort, signal, whyNoSteps };
  const attempt = createActiveAttempt(settings, parts);
  noteRecord(attempt.context, { store: tools.store, recordId: keyed.id });
  return middySignal === undefined ? withTimer(settings, attempt, remainingMs(), abort) : attempt;
}

/** Claims the record now, or leaves that to the write that completes it. */
async function claimFor(
  { claim }: Identity,
  request: KeyedRequest,
  seen: IdempotencyRecord | undefined,
): Promise<Entry> {
  return claim.at === "start" || request.onlyLapsed
    ? enter(request)
    : { kind: "execute", execution: enterUnclaimed(request, seen) };
}

/** The lapsed claims that a request may take over. */
function readTakeover({ claimAt }: Settings, { profile, claim }: Identity): Takeover {
  const plan = claim.at === "start" ? claim.takeover : undefined;
  if (plan === "never") return "never";
  // A completer's attempt claims at the start, but runs a handler that may be made for the commit.
  const allowed = allowedTakeover(profile, claimAt);
  return plan === "only" && allowed === "never" ? "restart" : allowed;
}

/**
 * The way in which the record is read before anything is claimed; `undefined` = it is not. The handler
 * of a claim at the commit must know the entity's id that an earlier claim has recorded.
 */
function readConsistency(
  settings: Settings,
  { recordId, request, profile, claim }: Identity,
): "eventual" | "strong" | undefined {
  if (claim.at === "commit" && profile.completed === "entity") return "strong";
  return settings.isReadFirst(recordId, request) ? "eventual" : undefined;
}

/** Answers a request without its handler. */
async function respondWith(
  respond: Responder,
  ended: ReplayOrRefusal,
  parts: Pick<IdempotencyContext, "key" | "tenant" | "signal">,
): Promise<Attempt> {
  const context = endedContext({ ...parts, isReplay: ended.kind !== "refuse" });
  return { response: await respond(ended), context };
}

/** Middy's signal has a timer of its own; any other is aborted before the invocation ends. */
function withTimer(
  { tools }: Settings,
  attempt: ActiveAttempt,
  remainingMs: number | undefined,
  abort: AbortController,
): ActiveAttempt {
  const { clock, leaseMarginMs: marginMs } = tools;
  return withDeadline(attempt, { clock, remainingMs, marginMs, abort });
}

/**
 * The function that a completer invokes if the client never retries, and the event to invoke it with.
 * The function is found by the name of its service, which never changes. A completer's own call finds
 * the event in the record. A claim at the commit leaves nothing to finish.
 */
function readCompleter(
  settings: Settings,
  event: unknown,
  { functionName }: InvocationContext,
  identity: Identity,
): Completer | undefined {
  const { profile, service, claimAt, tools } = settings;
  const { claim, recordId } = identity;
  const name = service ?? functionName;
  if (claim.at !== "start" || profile.abandoned === "leave" || !name) return undefined;
  // Without a key, an execution by another sender could be the second one.
  const abandoned = claim.takeover === "never" ? "unknown" : profile.abandoned;
  // A handler that is made for the commit resumes nothing, so its work begins with its claim.
  const isRestarted = profile.interrupted === "resume" && claimAt === "commit";
  const interrupted = isRestarted ? "restart" : profile.interrupted;
  const completer = { name, interrupted, abandoned };
  if (abandoned === "unknown" || claim.isKept) return completer;
  const kept = writeKeptText(settings, event, {
    recordId,
    tenant: identity.tenant,
    fingerprint: identity.compared.fingerprint,
  });
  if (kept.text === undefined) tools.observe(eventNotKept(recordId, kept.bytes));
  return { ...completer, event: kept.text };
}

/** The longest that a completer may take to look at a claim, with any sensible schedule. */
const LONGEST_UNSEEN_MS = 60 * 60 * 1000;

/** A function cannot see whether a completer runs. The claim that it has taken over tells. */
function adviseOnCompleter(
  { advise }: Settings,
  { claimedAtMs, notLookedAtSinceMs = claimedAtMs }: Execution,
  { name }: Completer,
): void {
  if (claimedAtMs - notLookedAtSinceMs < LONGEST_UNSEEN_MS) return;
  advise(
    "no_completer",
    `A claim of the service ${name} was due for more than an hour, and no completer had looked at it; its client came back by itself. The interrupted requests of other clients stay unfinished. Deploy IdempotencyCompleter with functions: { ${JSON.stringify(name)}: … }, see its alarms, or set abandoned: "leave".`,
  );
}

function eventNotKept(recordId: string, bytes: number): Observation {
  const message = `The event of the record ${recordId} is too large to be kept for the completer: ${bytes} bytes of ${MOST_KEPT_BYTES}. Only a retry of the client can finish this request if it is interrupted. Keep large content elsewhere and send its address, or name fewer members in keptEvent.`;
  return { kind: "eventNotKept", recordId, bytes, mostBytes: MOST_KEPT_BYTES, message };
}
