import { type Refusal, refusalOf } from "../errors.ts";
import type { Observer } from "../observe.ts";
import type { Clock } from "./clock.ts";
import { leaseUntilMs } from "./lease.ts";
import type { Settlement } from "./outcome.ts";
import type { Promises } from "./promises.ts";
import type { CompletedRecord } from "./record.ts";
import { expiresAtSeconds } from "./retention.ts";
import type { CallOptions, Store } from "./store.ts";
import { judgeClaim, judgeCompletion, type Me, type Verdict } from "./verdict.ts";

/** What the protocol works with. Nothing else in it is nondeterministic. */
export interface Tools {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomUUID: () => string;
  readonly observe: Observer;
  /** Added to the remaining time of the invocation: how long a dead owner is still waited for. */
  readonly leaseMarginMs: number;
}

/** One request that has come in under a key. */
export interface KeyedRequest {
  /** The id of its record. */
  readonly id: string;
  readonly fingerprint: string;
  /** Milliseconds until the platform ends this invocation; `undefined` = not known. */
  readonly remainingMs: () => number | undefined;
}

/** The right to execute a request, and the duty to settle its claim. */
export interface Execution extends Me {
  readonly request: KeyedRequest;
  readonly fence: number;
  readonly claimedAtMs: number;
  /** When the request was first claimed, by whichever execution. */
  readonly startedAtMs: number;
}

/** What is answered without the handler, or in place of its answer. */
export type Answer =
  | { readonly kind: "replay"; readonly response: string }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Before the handler: it runs with this execution, or the request is answered without it. */
export type Entry = { readonly kind: "execute"; readonly execution: Execution } | Answer;

/** After the handler: its own answer stands, or another takes its place. */
export type Exit = { readonly kind: "stands" } | Answer;

/**
 * Before the handler. Claims the id in one write. If that is refused, the record that stood in the
 * way says what the request gets; while its owner is still at work, it is waited for if the profile
 * says so.
 */
export async function enter(
  tools: Tools,
  promises: Promises,
  request: KeyedRequest,
): Promise<Entry> {
  const me: Me = { owner: tools.randomUUID(), fingerprint: request.fingerprint };
  const waitUntilMs = tools.clock.now() + waitBudgetMs(tools, promises, request);
  try {
    for (;;) {
      const claimed = await claim(tools, promises, request, me);
      if (claimed.kind === "execute") return claimed;
      const verdict = await waitForOwner(tools, request, me, claimed.verdict, waitUntilMs);
      const waitIsOver = tools.clock.now() >= waitUntilMs;
      if (waitIsOver || !isOutOfTheWay(verdict, promises)) {
        return answer(tools, promises, request, verdict);
      }
    }
  } catch (error) {
    return refuse(tools, request, refusalOf(error));
  }
}

/**
 * After the handler. Whatever is written is written under the condition that the claim is still
 * this execution's. An answer that was to be stored and is not, is not given: no client hears of a
 * success that the next retry would not find.
 */
export async function leave(
  tools: Tools,
  promises: Promises,
  execution: Execution,
  settlement: Settlement,
  response: string,
): Promise<Exit> {
  const { id } = execution.request;
  const { fence, owner } = execution;
  switch (settlement) {
    case "complete":
      return complete(tools, promises, execution, response);
    case "leave":
      tools.observe({ kind: "left", recordId: id, fence });
      return { kind: "stands" };
    case "release":
    case "free":
      try {
        await tools.store[settlement]({ id, owner }, callOptions(execution.request));
        tools.observe({ kind: settlement === "free" ? "freed" : "released", recordId: id, fence });
      } catch (cause) {
        tools.observe({ kind: "unsettled", recordId: id, fence, cause });
      }
      return { kind: "stands" };
  }
}

async function claim(
  tools: Tools,
  promises: Promises,
  request: KeyedRequest,
  me: Me,
): Promise<
  | { readonly kind: "execute"; readonly execution: Execution }
  | { readonly kind: "refused"; readonly verdict: Exclude<Verdict, { kind: "own" }> }
> {
  const nowMs = tools.clock.now();
  const written = await tools.store.claim(
    {
      ...me,
      id: request.id,
      nowMs,
      leaseUntilMs: leaseUntilMs(nowMs, request.remainingMs(), tools.leaseMarginMs),
      expiresAtSeconds: expiresAtSeconds(promises.retention, nowMs),
      mayTakeOver: promises.onInterrupted === "restart",
    },
    callOptions(request),
  );
  const verdict: Verdict = written.applied
    ? { kind: "own", record: written.record }
    : judgeClaim(written.record, me, tools.clock.now());
  if (verdict.kind !== "own") return { kind: "refused", verdict };
  const { fence, startedAtMs = nowMs } = verdict.record;
  tools.observe({ kind: "claimed", recordId: request.id, fence });
  return { kind: "execute", execution: { ...me, request, fence, claimedAtMs: nowMs, startedAtMs } };
}

const FIRST_POLL_MS = 25;
const LONGEST_POLL_MS = 400;

async function waitForOwner(
  tools: Tools,
  request: KeyedRequest,
  me: Me,
  first: Exclude<Verdict, { kind: "own" }>,
  waitUntilMs: number,
): Promise<Verdict> {
  let verdict: Verdict = first;
  for (let pollMs = FIRST_POLL_MS; verdict.kind === "inFlight"; pollMs *= 2) {
    const leftMs = waitUntilMs - tools.clock.now();
    if (leftMs <= 0) break;
    await tools.clock.sleep(Math.min(pollMs, LONGEST_POLL_MS, leftMs));
    const record = await tools.store.read(request.id, callOptions(request));
    verdict = judgeClaim(record, me, tools.clock.now());
  }
  return verdict;
}

/** The owner that was waited for has gone without an answer, and a new claim may succeed. */
function isOutOfTheWay(verdict: Verdict, promises: Promises): boolean {
  return (
    verdict.kind === "unused" || (verdict.kind === "lapsed" && promises.onInterrupted === "restart")
  );
}

/** Waiting must leave the invocation enough time to answer. */
function waitBudgetMs(tools: Tools, promises: Promises, request: KeyedRequest): number {
  if (promises.onInFlight === "refuse") return 0;
  const remainingMs = request.remainingMs() ?? Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(promises.onInFlight.waitMs, remainingMs - tools.leaseMarginMs));
}

function answer(tools: Tools, promises: Promises, request: KeyedRequest, verdict: Verdict): Answer {
  switch (verdict.kind) {
    case "completed":
      return promises.onCompleted === "replay"
        ? replay(tools, request, verdict.record)
        : refuse(tools, request, { code: "already_completed" });
    case "mismatch":
      if (promises.onMismatch === "replay" && verdict.record.state === "COMPLETED") {
        return replay(tools, request, verdict.record);
      }
      return refuse(tools, request, { code: "payload_mismatch" });
    case "unknown":
      return refuse(tools, request, { code: "outcome_unknown" });
    case "lapsed":
      return promises.onInterrupted === "refuse"
        ? refuse(tools, request, { code: "request_interrupted" })
        : refuse(tools, request, { code: "request_in_flight" });
    // A record that changed between the refusal and now: the next attempt finds what became of it.
    case "own":
    case "unused":
    case "inFlight":
      return refuse(tools, request, { code: "request_in_flight" });
  }
}

async function complete(
  tools: Tools,
  promises: Promises,
  execution: Execution,
  response: string,
): Promise<Exit> {
  const { request, owner, fence, claimedAtMs } = execution;
  const expiry = expiresAtSeconds(promises.retention, claimedAtMs, tools.clock.now());
  try {
    const written = await tools.store.complete(
      { id: request.id, owner, response, expiresAtSeconds: expiry },
      callOptions(request),
    );
    const verdict = written.applied ? "recorded" : judgeCompletion(written.record, execution);
    if (verdict === "recorded") {
      tools.observe({ kind: "completed", recordId: request.id, fence });
      return { kind: "stands" };
    }
    tools.observe({ kind: "fenced", recordId: request.id, fence });
    if (verdict === "fenced") return refuse(tools, request, { code: "claim_lost" });
    return answer(tools, promises, request, { kind: "completed", record: verdict });
  } catch (cause) {
    return refuse(tools, request, { code: "outcome_not_recorded", cause });
  }
}

function replay(tools: Tools, request: KeyedRequest, record: CompletedRecord): Answer {
  tools.observe({ kind: "replayed", recordId: request.id });
  return { kind: "replay", response: record.response };
}

function refuse(tools: Tools, request: KeyedRequest, refusal: Refusal): Answer {
  tools.observe({ kind: "refused", recordId: request.id, ...refusal });
  return { kind: "refuse", refusal };
}

/** A call of the store ends with the invocation at the latest; the store has a bound of its own. */
function callOptions(request: KeyedRequest): CallOptions {
  const remainingMs = request.remainingMs();
  return remainingMs !== undefined && remainingMs > 0 ? { timeoutMs: remainingMs } : {};
}
