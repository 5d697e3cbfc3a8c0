import { createContext } from "../context.ts";
import { StepError } from "../errors.ts";
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
  isRefusal,
  isRefused,
  type Settlement,
  settle,
  settleUnclaimed,
} from "../protocol/outcome.ts";
import { settleAsRepeat, settleWithoutResponse } from "../protocol/settle.ts";
import type { Settings } from "../settings/settings.ts";
import type { ActiveAttempt, HandlerResult } from "./attempt.ts";
import { createCommitter } from "./commits.ts";
import { LATE_RESPONSE, mayBeEarlyResponse, releaseOrLeave } from "./early-response.ts";
import { KEY_BEFORE_STEPS, REJECTED_AFTER_STEPS, uncommittedError } from "./handler-mistakes.ts";
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

/** The attempt in which the handler runs. Its ending settles the claim. */
export function createActiveAttempt(settings: Settings, parts: ExecutionParts): ActiveAttempt {
  const { tools, secrets } = settings;
  const { profile, request: http, execution, respond, abort, signal, whyNoSteps } = parts;
  const { request, startedAtMs, fence, entityId } = execution;
  const isRecorded = whyNoSteps === undefined;
  const isResumed =
    isRecorded &&
    settings.claimAt === "start" &&
    profile.interrupted === "resume" &&
    fence !== undefined;
  const origin = { id: request.id, fingerprint: execution.originFingerprint, startedAtMs };
  const marks = new WeakMap<object, "rejected" | "final">();
  const stepper = createStepper(settings, profile, execution, signal, whyNoSteps);
  const committer = createCommitter(settings, profile, execution, respond, () =>
    mayHaveEffectsElsewhere(progress()),
  );
  let noted: Progress = { ...NO_PROGRESS, tookOver: execution.claims > 1 };
  let isSettled = false;
  /** The response without a commit that no later refusal may deny. */
  let ended: HttpResponse | undefined;
  let isKept = false;

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
        const passedOn = await passOn(sent.result, readResult(sent.result, http.format));
        return isRefusal(error)
          ? render(readResult(passedOn, http.format).response, http)
          : undefined;
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
      if (isSettled) return ended && isRefusal(error) ? render(ended, http) : undefined;
      return end({ kind: "threw", error }, errorResponse(error, http.format));
    },
  };

  /**
   * Whether a response may be Middy's and not the handler's. One that the handler committed or marked is its own.
   *
   * @param own the first response, from the handler or in its place.
   */
  function mayBeEarly({ result }: HandlerResult): boolean {
    const isHandlers = marks.has(result as object) || committer.hasReturned(result);
    return !isSettled && !isHandlers && mayBeEarlyResponse(result, request);
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
      await settleWithoutResponse(execution, releaseOrLeave(request));
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
      const repeats = isKept ? ", now and on every repeat" : "";
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
    const ending = endingOf(progress(), handlerEnd);
    const exit = await settleAs(ending, response);
    if (exit.kind !== "stands") return respond(exit);
    if (ending.hasBegun || isKept) ended = response;
    return undefined;
  }

  async function settleAs(ending: Ending, response: HttpResponse): Promise<Exit> {
    const settlement = settleUnclaimed(decideSettlement(ending), ending, execution);
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
      await settleWithoutResponse(execution, releaseOrLeave(request));
      throw fault;
    }
    const mustCommit = owner.fence === undefined && settings.uncommitted === "refuse";
    const isRefusing = ending.kind !== "returned" && isRefused(ending);
    if (mustCommit && !committer.wasRefused() && !isRefusing) return refuseUncommitted(ending);
    const { text, notKept: reason } = storeResponse(response, profile.keepsResponses);
    if (reason !== undefined) tools.observe({ kind: "bodyNotKept", recordId: request.id, reason });
    const exit = await complete(owner, text);
    isKept = exit.kind === "stands";
    return exit;
  }

  function decideSettlement(ending: Ending): Settlement {
    const { outcome, interrupted } = profile;
    const remainingMs = request.remainingMs();
    return settle(outcome, ending, remainingMs, tools.leaseMarginMs, interrupted === "refuse");
  }

  /** A response without a commit, where every response must come from one; unless it is a repeat. */
  async function refuseUncommitted({ kind }: Ending): Promise<Exit> {
    const exit = await settleAsRepeat(execution);
    if (exit.kind !== "stands" || kind === "threw") return exit;
    throw uncommittedError(request.id);
  }
}
