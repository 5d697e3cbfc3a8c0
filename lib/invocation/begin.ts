import { endedContext, type IdempotencyContext, type InvocationContext } from "../context.ts";
import type { Observation } from "../observe.ts";
import { allowedTakeover } from "../protocol/contract.ts";
import { enter, enterUnclaimed } from "../protocol/enter.ts";
import type { Entry, Execution, KeyedRequest, ReplayOrRefusal } from "../protocol/execution.ts";
import { readRemainingMs } from "../protocol/lease.ts";
import { recall } from "../protocol/recall.ts";
import type { IdempotencyRecord } from "../protocol/record.ts";
import type { Completer, Takeover } from "../protocol/store.ts";
import type { CoreSettings } from "../settings/settings.ts";
import { createActiveAttempt } from "./active-attempt.ts";
import type { ActiveAttempt, Attempt } from "./attempt.ts";
import { withDeadline } from "./deadline.ts";
import {
  findDurableExecution,
  outputsInDurable,
  readInvocation,
  refuseKeyless,
} from "./durable.ts";
import { noteRecord, refuseNested } from "./nested.ts";
import type { Identity, Outputs, Surface } from "./surface.ts";
import { validate } from "./validation.ts";

/**
 * Begins an attempt: identity, repeat, validation, claim. The handler runs under the claim, or the request
 * gets its response without it.
 *
 * @param middySignal the signal that Middy gives to a handler; without it the attempt has its own.
 * @throws ConfigurationError if the input cannot be read or has no tenant, and the errors of the options
 *   that read it, such as `tenant` and `validate`; nothing is claimed then.
 */
export async function begin<Output>(
  surface: Surface<Output>,
  settings: CoreSettings,
  input: unknown,
  invocation: InvocationContext,
  middySignal?: AbortSignal,
): Promise<Attempt> {
  const { tools } = settings;
  const abort = new AbortController();
  const signal = middySignal ?? abort.signal;
  const platform = readInvocation(invocation);
  const { awsRequestId, getRemainingTimeInMillis } = platform;
  const invocationId = typeof awsRequestId === "string" ? awsRequestId : undefined;
  const remainingMs = () => readRemainingMs(getRemainingTimeInMillis?.call(platform));
  const durable = findDurableExecution(invocation, settings);

  const identity = await surface.identify(input, invocation, invocationId);
  const { tenant } = identity;
  const outputs = durable ? outputsInDurable(identity.outputs) : identity.outputs;
  if ("refusal" in identity) {
    const { recordId, refusal } = identity;
    tools.observe({ kind: "refused", ...(recordId && { recordId }), ...refusal });
    return respondWith(outputs, { kind: "refuse", refusal }, { key: undefined, tenant, signal });
  }

  const { key, contract, claim } = identity;
  const isCompleters = claim.at === "start" && claim.takeover === "only";
  refuseKeyless(durable, key === undefined && !isCompleters);
  const keyed = {
    tools,
    contract,
    takeover: readTakeover(settings, identity),
    id: identity.recordId,
    ...identity.compared,
    invocationId,
    remainingMs,
    durable,
  };
  let seen: IdempotencyRecord | undefined;
  if (key !== undefined) {
    refuseNested(invocation, { store: tools.store, recordId: keyed.id });
    const { ended, record } = await recall(keyed, readConsistency(identity));
    if (ended !== undefined) return respondWith(outputs, ended, { key, tenant, signal });
    seen = record;
  }

  // Before the validation, which may change the event: a completer sends the event that was compared.
  const completer = readCompleter(settings, invocation, identity);
  const validation = await validate(identity, keyed);
  if (validation.kind === "ended")
    return respondWith(outputs, validation.ended, { key, tenant, signal });
  if (validation.kind === "invalid") {
    const context = endedContext({ key, tenant, signal, isReplay: false });
    return { sent: { response: outputs.send(validation.output) }, context };
  }
  const { onlyLapsed } = validation;
  const claiming = { ...keyed, completer, onlyLapsed, isCompleters };
  const entry = await claimFor(identity, claiming, seen);
  if (entry.kind !== "execute") return respondWith(outputs, entry, { key, tenant, signal });

  const { execution } = entry;
  if (completer !== undefined && !isCompleters) adviseOnCompleter(settings, execution, completer);
  const whyNoSteps = "whyNoSteps" in claim ? claim.whyNoSteps : undefined;
  const parts = { contract, key, tenant, execution, outputs, abort, signal, whyNoSteps };
  const attempt = createActiveAttempt(settings, parts);
  noteRecord(attempt.context, { store: tools.store, recordId: keyed.id });
  // A durable execution that waits leaves its handler behind, and nothing may wake it.
  const hasTimer = middySignal === undefined && durable === undefined;
  return hasTimer ? withTimer(settings, attempt, remainingMs(), abort) : attempt;
}

/** Claims the record now, or leaves that to the write that completes it. */
async function claimFor(
  { claim }: Pick<Identity<unknown>, "claim">,
  request: KeyedRequest,
  seen: IdempotencyRecord | undefined,
): Promise<Entry> {
  return claim.at === "start" || request.onlyLapsed
    ? enter(request)
    : { kind: "execute", execution: enterUnclaimed(request, seen) };
}

/** The lapsed claims that a request may take over. */
function readTakeover(
  { claimAt }: CoreSettings,
  { contract, claim }: Pick<Identity<unknown>, "contract" | "claim">,
): Takeover {
  const plan = claim.at === "start" ? claim.takeover : undefined;
  if (plan === "never") return "never";
  // A completer's attempt claims at the start, but runs a handler that may be made for the commit.
  const allowed = allowedTakeover(contract, claimAt);
  return plan === "only" && allowed === "never" ? "restart" : allowed;
}

/**
 * The way in which the record is read before anything is claimed; `undefined` = it is not. The handler
 * of a claim at the commit must know the entity's id that an earlier claim has recorded.
 */
function readConsistency<Output>({
  contract,
  claim,
  isReadFirst,
}: Identity<Output>): "eventual" | "strong" | undefined {
  if (claim.at === "commit" && contract.completed === "entity") return "strong";
  return isReadFirst() ? "eventual" : undefined;
}

/** Answers a request without its handler. */
async function respondWith<Output>(
  outputs: Outputs<Output>,
  ended: ReplayOrRefusal,
  parts: Pick<IdempotencyContext, "key" | "tenant" | "signal">,
): Promise<Attempt> {
  const context = endedContext({ ...parts, isReplay: ended.kind !== "refuse" });
  return { sent: { response: outputs.send(await outputs.respond(ended)) }, context };
}

/** Middy's signal has a timer of its own; any other is aborted before the invocation ends. */
function withTimer(
  { tools }: CoreSettings,
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
function readCompleter<Output>(
  { service, claimAt, tools }: CoreSettings,
  invocation: InvocationContext,
  { contract, claim, recordId, writeKept }: Identity<Output>,
): Completer | undefined {
  const name = service ?? readInvocation(invocation).functionName;
  if (claim.at !== "start" || contract.abandoned === "leave" || !name) return undefined;
  // Without a key, an execution by another sender could be the second one.
  const abandoned = claim.takeover === "never" ? "unknown" : contract.abandoned;
  // A handler that is made for the commit resumes nothing, so its work begins with its claim.
  const isRestarted = contract.interrupted === "resume" && claimAt === "commit";
  const interrupted = isRestarted ? "restart" : contract.interrupted;
  const completer = { name, interrupted, abandoned };
  if (abandoned === "unknown" || claim.isKept || writeKept === undefined) return completer;
  const kept = writeKept();
  if (kept.text === undefined) tools.observe(eventNotKept(recordId, kept));
  return { ...completer, event: kept.text };
}

/** The longest that a completer may take to look at a claim, with any sensible schedule. */
const LONGEST_UNSEEN_MS = 60 * 60 * 1000;

/** A function cannot see whether a completer runs. The claim that it has taken over tells. */
function adviseOnCompleter(
  { advise }: CoreSettings,
  { claimedAtMs, notLookedAtSinceMs = claimedAtMs }: Execution,
  { name }: Completer,
): void {
  if (claimedAtMs - notLookedAtSinceMs < LONGEST_UNSEEN_MS) return;
  advise(
    "no_completer",
    `A claim of the service ${name} was due for more than an hour, and no completer had looked at it; its client came back by itself. The interrupted requests of other clients stay unfinished. Deploy IdempotencyCompleter with functions: { ${JSON.stringify(name)}: … }, see its alarms, or set abandoned: "leave".`,
  );
}

function eventNotKept(
  recordId: string,
  { bytes, mostBytes }: { readonly bytes: number; readonly mostBytes: number },
): Observation {
  const message = `The event of the record ${recordId} is too large to be kept for the completer: ${bytes} bytes of ${mostBytes}. Only a retry of the client can finish this request if it is interrupted. Keep large content elsewhere and send its address, or name fewer members in keptEvent.`;
  return { kind: "eventNotKept", recordId, bytes, mostBytes, message };
}
