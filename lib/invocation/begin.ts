import { endedContext, type InvocationContext } from "../context.ts";
import { keptEvent } from "../http/kept-event.ts";
import type { Entry, KeyedRequest, ReplayOrRefusal } from "../protocol/execution.ts";
import { enter, enterUnclaimed } from "../protocol/flow.ts";
import { readRemainingMs } from "../protocol/lease.ts";
import { recall } from "../protocol/recall.ts";
import type { Completer } from "../protocol/store.ts";
import type { Settings } from "../settings/settings.ts";
import { createActiveAttempt } from "./active-attempt.ts";
import type { ActiveAttempt, Attempt } from "./attempt.ts";
import { withDeadline } from "./deadline.ts";
import { type ClaimPlan, type Identity, identify } from "./identity.ts";
import { noteRecord, refuseNested } from "./nested.ts";
import { createResponder, type Responder } from "./responses.ts";

/**
 * Begins an attempt: request, identity, repeat, claim. The handler runs under the claim, or the request
 * gets its response without it.
 *
 * @param middySignal the signal that Middy gives to a handler; without it the attempt has its own.
 * @throws ConfigurationError if the event is no HTTP request or has no tenant, and the errors of the
 *   options `tenant` and `operation`; nothing is claimed then.
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
    const { request, refusal } = identity;
    tools.observe({ kind: "refused", ...refusal });
    const respond = createResponder(settings, event, request, undefined);
    return respondWith(respond, { kind: "refuse", refusal }, undefined, signal);
  }

  const { request, key, profile, claim } = identity;
  const respond = createResponder(settings, event, request, key);
  const keyed = {
    id: identity.recordId,
    fingerprint: identity.fingerprint,
    invocationId,
    remainingMs,
  };
  if (key !== undefined) {
    refuseNested(invocation, { store: tools.store, recordId: keyed.id });
    const repeat = await recall(tools, profile, keyed, settings.isReadFirst(keyed.id, request));
    if (repeat !== undefined) return respondWith(respond, repeat, key, signal);
  }

  const completer = readCompleter(settings, event, invocation, claim);
  const entry = await claimFor(settings, identity, { ...keyed, completer });
  if (entry.kind !== "execute") return respondWith(respond, entry, key, signal);

  const { execution } = entry;
  const whyNoSteps = "whyNoSteps" in claim ? claim.whyNoSteps : undefined;
  const parts = { profile, key, request, execution, respond, abort, signal, whyNoSteps };
  const attempt = createActiveAttempt(settings, parts);
  noteRecord(attempt.context, { store: tools.store, recordId: keyed.id });
  return middySignal === undefined ? withTimer(settings, attempt, remainingMs(), abort) : attempt;
}

/** Claims the record now, or leaves that to the write that completes it. */
async function claimFor(
  { tools }: Settings,
  { profile, claim }: Identity,
  request: KeyedRequest,
): Promise<Entry> {
  return claim.at === "start"
    ? enter(tools, profile, request, claim.takeover)
    : { kind: "execute", execution: enterUnclaimed(tools, profile, request) };
}

/** Answers a request without its handler. */
async function respondWith(
  respond: Responder,
  ended: ReplayOrRefusal,
  key: string | undefined,
  signal: AbortSignal,
): Promise<Attempt> {
  const context = endedContext({ key, signal, isReplay: ended.kind !== "refuse" });
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
 * A completer's own call finds the event in the record. A claim at the commit leaves nothing to finish.
 */
function readCompleter(
  { profile, tools }: Settings,
  event: unknown,
  { functionName }: InvocationContext,
  claim: ClaimPlan,
): Completer | undefined {
  if (claim.at !== "start" || profile.abandoned === "leave" || !functionName) return undefined;
  if (profile.abandoned === "unknown" || claim.takeover === "only") return { functionName };
  const kept = keptEvent(event, profile.keyFrom);
  if (kept.text === undefined) tools.observe({ kind: "eventNotKept", bytes: kept.bytes });
  return { functionName, event: kept.text };
}
