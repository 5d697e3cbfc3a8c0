import { answeredContext, createContext, type InvocationContext } from "../context.ts";
import { ConfigurationError } from "../errors.ts";
import { readBodyHeaders } from "../http/body.ts";
import { fingerprint } from "../http/fingerprint.ts";
import { findKey } from "../http/idempotency-key.ts";
import { keptEvent } from "../http/kept-event.ts";
import { type HttpRequest, readHead, withBody } from "../http/request.ts";
import { readResult } from "../http/result.ts";
import type { Profile } from "../profiles/profile.ts";
import type { Answer, KeyedRequest } from "../protocol/execution.ts";
import { enter, enterUnclaimed } from "../protocol/flow.ts";
import { downstreamKey, recordId } from "../protocol/key.ts";
import { readRemainingMs } from "../protocol/lease.ts";
import { isMiddyTimeout, isNearTheEnd } from "../protocol/outcome.ts";
import { recall } from "../protocol/recall.ts";
import type { ClaimRequest, Completer } from "../protocol/store.ts";
import { uniqueText } from "../protocol/unique.ts";
import type { Settings } from "../settings/settings.ts";
import { createActiveAttempt, type ExecutionParts } from "./active-attempt.ts";
import type { ActiveAttempt, AnsweredAttempt, Attempt } from "./attempt.ts";
import { createCommitter } from "./commits.ts";
import { completionIn } from "./completion-event.ts";
import { withDeadline } from "./deadline.ts";
import { noteRecord, refuseNested } from "./nested.ts";
import { createResponder } from "./responses.ts";
import { findSpace, findTenant } from "./scope.ts";

/**
 * Begins an attempt: reads the request, finds its tenant and its key, and claims the key.
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
  const { profile, tools, secret } = settings;
  const abort = new AbortController();
  const signal = middySignal ?? abort.signal;
  const { awsRequestId, getRemainingTimeInMillis } = invocation;
  const invocationId = readInvocationId(awsRequestId);
  const remainingMs = () => readRemainingMs(getRemainingTimeInMillis?.call(invocation));

  const head = readHead(event);
  const abandoned = completionIn(event);
  // The completer's event is about a record that exists, also where the methods have changed since.
  if (abandoned === undefined && !profile.methods.includes(head.method)) {
    return withoutKey(head, `the profile ${profile.name} is about ${profile.methods.join(", ")}`);
  }
  const request = withBody(head, event);
  const body = readBodyHeaders(request);
  const respondTo = (key: string | undefined) => createResponder(settings, event, request, key);
  const keyedBy = (id: string): KeyedRequest => ({
    id,
    invocationId,
    fingerprint: fingerprint(request, body, profile.fingerprint, secret),
    remainingMs,
  });

  if (abandoned !== undefined) return claimed(undefined, keyedBy(abandoned.recordId), "only");
  const tenant = await findTenant(settings, event, invocation);
  const found = findKey(request, body, profile);
  if (found.kind === "none") {
    // Without a key nobody can repeat it, but its steps, and whoever finishes them, need a record.
    return profile.interrupted === "resume" && settings.claimAt === "start"
      ? claimed(undefined, keyedBy(keylessId()), "never", { ...profile, retention: NONE })
      : withoutKey(request, NEEDS_RESUMING);
  }
  if (found.kind === "refuse") {
    tools.observe({ kind: "refused", ...found.refusal });
    return answered(found);
  }

  const { key } = found;
  const space = await findSpace(settings, event, invocation, request);
  const keyed = keyedBy(recordId({ tenant, ...space, key }, secret));
  refuseNested(invocation, { store: tools.store, recordId: keyed.id });
  const repeat = await recall(tools, profile, keyed, settings.isReadFirst(keyed.id, request));
  if (repeat !== undefined) return answered(repeat, key);
  if (settings.claimAt === "start") return claimed(key, keyed);
  const execution = enterUnclaimed(tools, profile, keyed);
  const respond = respondTo(key);
  const parts = { profile, key, http: request, execution, respond, abort, signal };
  return timed(underRecord(parts));

  /** The id of a record that no other request finds. */
  function keylessId(): string {
    return uniqueText("keyless record id", tools, { invocationId });
  }

  /** The handler runs under a claim, or the request is answered without it. */
  async function claimed(
    key: string | undefined,
    keyed: KeyedRequest,
    takeover?: ClaimRequest["takeover"],
    promises: Profile = profile,
  ): Promise<Attempt> {
    const isCompletion = takeover === "only";
    const completer = completerOf(settings, event, invocation, isCompletion);
    const entry = await enter(tools, promises, { ...keyed, completer }, takeover);
    if (entry.kind !== "execute") return answered(entry, key);
    const { execution } = entry;
    const respond = respondTo(key);
    const parts = { profile: promises, key, http: request, execution, respond, abort, signal };
    return timed(underRecord(parts));
  }

  function underRecord(parts: ExecutionParts): ActiveAttempt {
    const attempt = createActiveAttempt(settings, parts);
    noteRecord(attempt.context, { store: tools.store, recordId: parts.execution.request.id });
    return attempt;
  }

  /**
   * A request without a key, or with a method that the profile is not about, is its only attempt: what
   * it commits has a record that no retry finds.
   */
  function withoutKey(request: HttpRequest, whyNoSteps: string): ActiveAttempt {
    const execution = enterUnclaimed(tools, profile, {
      ...{ id: keylessId(), invocationId, remainingMs },
      fingerprint: "",
    });
    const committer = createCommitter(
      settings,
      { ...profile, retention: NONE },
      execution,
      createResponder(settings, event, request, undefined),
    );
    const origin = { ...execution.request, startedAtMs: execution.claimedAtMs };
    return timed({
      context: createContext({
        signal,
        downstreamKey: (name) => downstreamKey(origin, name),
        commit: committer.commit,
        step: () => noSteps(whyNoSteps),
      }),
      async returned(result, own) {
        const isLate = isNearTheEnd(remainingMs(), tools.leaseMarginMs);
        if (own !== undefined && isLate && !committer.hasReturned(own.result)) {
          // It may be Middy's early answer: a commit of the handler, which goes on, is still applied.
          abort.abort();
          return committer.answer() ?? result;
        }
        const failure = await committer.idle();
        committer.close();
        if (failure !== undefined) throw failure.error;
        if (committer.answer() === undefined) return result;
        const { response } = readResult(result, request.format);
        const checked = committer.check(response, own !== undefined);
        return checked === response ? result : checked;
      },
      async threw(error) {
        if (isMiddyTimeout(error)) abort.abort(error);
        else await committer.idle();
        committer.close();
        return committer.answerTo(error);
      },
    });
  }

  /** Middy's signal has a timer of its own. */
  function timed(attempt: ActiveAttempt): ActiveAttempt {
    if (middySignal !== undefined) return attempt;
    const { clock, leaseMarginMs: marginMs } = tools;
    return withDeadline(attempt, { clock, remainingMs: remainingMs(), marginMs, abort });
  }

  /** The handler does not run. */
  async function answered(answer: Answer, key?: string): Promise<AnsweredAttempt> {
    const context = answeredContext({ key, signal, isReplay: answer.kind !== "refuse" });
    return { answer: await respondTo(key)(answer), context };
  }
}

/** Nobody will ask for it again. */
const NONE = { seconds: 0, from: "completion" } as const;

const NEEDS_RESUMING = 'step() needs a profile that resumes: orzcash(), or interrupted: "resume"';

/** A context that was made for a test may hold anything. */
function readInvocationId(told: unknown): string | undefined {
  return typeof told === "string" ? told : undefined;
}

function noSteps(reason: string): Promise<never> {
  return Promise.reject(
    new ConfigurationError(
      `idempotency: nothing is claimed for this request, so its steps could not be found again. ${reason}.`,
    ),
  );
}

/**
 * Who finishes the request if its client does not come back for it, and with what.
 *
 * @param isCompletion a completer is at it, and the event is kept already.
 */
function completerOf(
  { profile, tools }: Settings,
  event: unknown,
  { functionName }: InvocationContext,
  isCompletion: boolean,
): Completer | undefined {
  if (profile.abandoned === "leave" || !functionName) return undefined;
  if (profile.abandoned === "unknown" || isCompletion) return { functionName };
  const kept = keptEvent(event, profile.keyFrom);
  if (kept.text === undefined) tools.observe({ kind: "eventNotKept", bytes: kept.bytes });
  return { functionName, event: kept.text };
}
