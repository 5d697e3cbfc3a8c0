import { createContext } from "../context.ts";
import { ConfigurationError, StepError } from "../errors.ts";
import { errorResponse } from "../http/error-response.ts";
import { render } from "../http/render.ts";
import type { HttpRequest } from "../http/request.ts";
import type { HttpResponse } from "../http/response.ts";
import { type ReadResult, readResult } from "../http/result.ts";
import { storeResponse } from "../http/stored-response.ts";
import type { Profile } from "../profiles/profile.ts";
import { complete } from "../protocol/complete.ts";
import type { Execution, Exit, ReplayOrRefusal } from "../protocol/execution.ts";
import { free } from "../protocol/free.ts";
import { downstreamKey } from "../protocol/key.ts";
import {
  type Ending,
  isMiddyTimeout,
  isNearTheEnd,
  isRefusal,
  type Settlement,
  settle,
} from "../protocol/outcome.ts";
import { settleAsRepeat, settleWithoutResponse } from "../protocol/settle.ts";
import type { Settings } from "../settings/settings.ts";
import type { ActiveAttempt, HandlerResult } from "./attempt.ts";
import { createCommitter } from "./commits.ts";
import {
  endingOf,
  type HandlerEnd,
  mayHaveEffectsElsewhere,
  NO_PROGRESS,
  type Progress,
} from "./progress.ts";
import type { Responder } from "./responses.ts";
import { createStepper } from "./steps.ts";

/** Everything that an attempt with a running handler needs. */
export interface ExecutionParts {
  /** The profile of the route, or as much of it as holds for this request. */
  readonly profile: Profile;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  readonly request: HttpRequest;
  readonly execution: Execution;
  readonly respond: Responder;
  readonly abort: AbortController;
  readonly signal: AbortSignal;
  /**
   * The reason why steps are refused, for a request whose record no repeat can find: nothing but a commit
   * is recorded for it, and its result goes on as it is. `undefined` = every ending is recorded.
   */
  readonly whyNoSteps: string | undefined;
}

const REJECTED_AFTER_STEPS =
  "reject: a step of this request has run, so it has begun, and to free its key would repeat the step. Return the response without reject().";

const KEY_BEFORE_STEPS =
  "downstreamKey: this profile resumes, and no step has begun, so a completer would not know of the call. Call the other service in a step, under the step's own downstreamKey.";

const LATE_RESPONSE =
  "A response was sent and not recorded: it came so near the end of the invocation (leaseMarginMs) that it may be Middy's timeoutEarlyResponse, while the handler is still running. Commit or final() tell the layer that a response is the handler's; the wrapper, middy(idempotent(handler, options)), always knows.";

/** The attempt in which the handler runs. Its ending settles the claim. */
export function createActiveAttempt(settings: Settings, parts: ExecutionParts): ActiveAttempt {
  const { tools, secrets } = settings;
  const { profile, request: http, execution, respond, abort, signal, whyNoSteps } = parts;
  const { request, startedAtMs, fence, entityId } = execution;
  const isRecorded = whyNoSteps === undefined;
  const isResumed = isRecorded && profile.interrupted === "resume" && fence !== undefined;
  const origin = { id: request.id, fingerprint: execution.originFingerprint, startedAtMs };
  const marks = new WeakMap<object, "rejected" | "final">();
  const stepper = createStepper(settings, profile, execution, signal, whyNoSteps);
  const committer = createCommitter(settings, profile, execution, respond, () =>
    mayHaveEffectsElsewhere(progress()),
  );
  let noted: Progress = { ...NO_PROGRESS, tookOver: execution.claims > 1 };
  let isSettled = false;
  /** The response that was recorded without a commit. */
  let recorded: HttpResponse | undefined;

  return {
    context: createContext({
      fence,
      entityId,
      key: parts.key,
      tenant: parts.tenant,
      signal,
      downstreamKey(name) {
        if (isResumed && !stepper.isMarked()) throw new StepError(KEY_BEFORE_STEPS);
        noted = { ...noted, usedDownstreamKey: true };
        return downstreamKey(origin, name, secrets.ids);
      },
      step: stepper.step,
      commitStep: stepper.commitStep,
      commit(writes, response) {
        const fault = stepper.fault();
        if (fault !== undefined) return Promise.reject(fault);
        noted = { ...noted, triedCommit: true };
        return committer.commit(writes, response);
      },
      onReject: (response) => {
        if (stepper.hasBegun()) throw new StepError(REJECTED_AFTER_STEPS);
        marks.set(response, "rejected");
      },
      onFinal: (response) => {
        marks.set(response, "final");
      },
    }),

    async returned(result, own) {
      // A result that no repeat can get goes on unread.
      const read = isRecorded ? readResult(result, http.format) : undefined;
      if (own !== undefined && mayBeEarly(own)) return passOn(result, read);
      const failures = [await committer.idle(), await stepper.idle()];
      const failure = failures.find((one) => one !== undefined);
      const replacement = stepper.replacement();
      if (replacement !== undefined) return giveWay(replacement);
      if (failure !== undefined) {
        // The handler has returned without waiting, and does not know that nothing was committed.
        await end(
          { kind: "threw", error: failure.error },
          errorResponse(failure.error, http.format),
        );
        throw failure.error;
      }
      if (committer.response() !== undefined) {
        const { response } = read ?? readResult(result, http.format);
        const checked = committer.check(response, own !== undefined);
        return checked === response && !isRecorded ? result : render(checked, http);
      }
      if (read === undefined) {
        close();
        return result;
      }
      return (await endWith(read, own ?? { result })) ?? render(read.response, http);
    },

    async threw(error, sent) {
      const isKnown = committer.response() !== undefined || stepper.replacement() !== undefined;
      if (sent !== undefined && isRecorded && !isKnown && mayBeEarly(sent.own)) {
        await passOn(sent.result, readResult(sent.result, http.format));
        return undefined;
      }
      if (isMiddyTimeout(error)) {
        // The handler's downstream calls should stop; nothing waits for them.
        abort.abort(error);
      } else {
        await committer.idle();
        await stepper.idle();
        const replacement = stepper.replacement();
        if (replacement !== undefined) return giveWay(replacement);
      }
      if (committer.response() !== undefined) {
        const committed = committer.responseTo(error);
        return committed && render(committed, http);
      }
      if (!isRecorded) {
        // A late commit would move money behind the error, and no repeat could find it.
        close();
        return undefined;
      }
      if (!isSettled && sent !== undefined) {
        const replaced = await endWith(readResult(sent.result, http.format), sent.own);
        if (replaced !== undefined) return replaced;
      }
      if (isSettled) return recorded && isRefusal(error) ? render(recorded, http) : undefined;
      return end({ kind: "threw", error }, errorResponse(error, http.format));
    },
  };

  /**
   * Whether a response in the middleware form may be Middy's `timeoutEarlyResponse`, which only its
   * time gives away. A response that the handler committed or marked is the handler's own.
   *
   * @param own the first response, from the handler or in its place.
   */
  function mayBeEarly(own: HandlerResult): boolean {
    const isHandlers = marks.has(own.result as object) || committer.hasReturned(own.result);
    return !isSettled && !isHandlers && isNearTheEnd(request.remainingMs(), tools.leaseMarginMs);
  }

  /**
   * Sends a response that may not be the handler's and records nothing of it: the handler may go on,
   * under its claim, and repeats get its commit.
   */
  async function passOn(result: unknown, read: ReadResult | undefined): Promise<unknown> {
    const replacement = stepper.replacement();
    if (replacement !== undefined) return giveWay(replacement);
    isSettled = true;
    abort.abort();
    const committed = committer.response();
    if (committed !== undefined) return render(committed, http);
    if (read === undefined) return result;
    const { statusCode } = read.response;
    const wouldBe = profile.outcome({ kind: "returned", statusCode });
    const message = wouldBe === "complete" ? LATE_RESPONSE : undefined;
    const exit = await settleWithoutResponse(execution, "leave", message);
    return exit.kind === "stands" ? render(read.response, http) : respond(exit);
  }

  /** Ends an attempt of which nothing is recorded. */
  function close(): void {
    isSettled = true;
    committer.close();
  }

  function progress(): Progress {
    return { ...noted, ranStep: stepper.hasBegun() };
  }

  /** A step could not be recorded: another execution, or the next attempt, goes on from there. */
  async function giveWay(replacement: ReplayOrRefusal): Promise<HttpResponse> {
    if (!isSettled) {
      isSettled = true;
      await release();
    }
    return respond(replacement);
  }

  /** @returns a response in place of the given one. */
  async function endWith(
    { response, fault }: ReadResult,
    own: HandlerResult,
  ): Promise<HttpResponse | undefined> {
    const mark = marks.get(own.result as object);
    const { statusCode } = response;
    const isFaulty = fault !== undefined;
    const replaced = await end({ kind: "returned", statusCode, mark, isFaulty }, response);
    if (fault !== undefined && replaced === undefined) {
      const repeats = recorded === undefined ? "" : ", now and on every repeat";
      const message = `The result of the handler is no valid response: ${fault.problem}. Clients get ${response.statusCode}${repeats}. ${fault.remedy}`;
      tools.observe({ kind: "invalidResponse", recordId: request.id, message });
    }
    return replaced;
  }

  /** @returns a response in place of the given one. */
  async function end(
    handlerEnd: HandlerEnd,
    response: HttpResponse,
  ): Promise<HttpResponse | undefined> {
    if (!isRecorded) {
      close();
      return undefined;
    }
    isSettled = true;
    const exit = await settleAs(endingOf(progress(), handlerEnd), response);
    return exit.kind === "stands" ? undefined : respond(exit);
  }

  async function settleAs(ending: Ending, response: HttpResponse): Promise<Exit> {
    const settlement = decideSettlement(ending);
    // A handler that outlives Middy's early time-out still owns its claim and may commit. After any other
    // end a late commit is refused: it would move money after the client had its response.
    if (settlement !== "leave") committer.close();
    if (settlement === "release" || settlement === "leave") {
      return settleWithoutResponse(execution, settlement);
    }
    let owner = execution;
    if (settlement === "free") {
      const freed = await free(execution);
      if (freed.kind !== "begun") return freed;
      owner = freed.execution;
      const isFinal = decideSettlement({ ...ending, hasBegun: true }) === "complete";
      if (!isFinal) return settleWithoutResponse(owner, "release");
    }
    const fault = stepper.fault();
    if (fault !== undefined) {
      await release();
      throw fault;
    }
    const mustCommit = owner.fence === undefined && settings.uncommitted === "refuse";
    if (mustCommit && !committer.wasRefused()) return refuseUncommitted(ending);
    const { text, notKept: reason } = storeResponse(response, profile.keepsResponses);
    if (reason !== undefined) tools.observe({ kind: "bodyNotKept", recordId: request.id, reason });
    const exit = await complete(owner, text);
    if (exit.kind === "stands") recorded = response;
    return exit;
  }

  function decideSettlement(ending: Ending): Settlement {
    const { outcome, interrupted } = profile;
    const remainingMs = request.remainingMs();
    return settle(outcome, ending, remainingMs, tools.leaseMarginMs, interrupted === "refuse");
  }

  function release(): Promise<Exit> {
    const isLate = isNearTheEnd(request.remainingMs(), tools.leaseMarginMs);
    return settleWithoutResponse(execution, isLate ? "leave" : "release");
  }

  /** A response without a commit, where every response must come from one; unless it is a repeat. */
  async function refuseUncommitted({ kind }: Ending): Promise<Exit> {
    const exit = await settleAsRepeat(execution);
    if (exit.kind !== "stands" || kind === "threw") return exit;
    throw new ConfigurationError(
      `idempotency: the handler of record ${request.id} ended without commit(), which this route requires (claimAt "commit", uncommitted "refuse"). Nothing was recorded. Commit, or set uncommitted: "record".`,
    );
  }
}
