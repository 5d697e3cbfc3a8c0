import type { Executing, Own } from "./attempt.ts";
import { committerOf } from "./committer.ts";
import { contextOf } from "./context.ts";
import { ConfigurationError, StepError } from "./errors.ts";
import { type HttpResponse, responseOf, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import { complete } from "./protocol/complete.ts";
import type { Answer, Execution, Exit } from "./protocol/execution.ts";
import { answerOfRepeat, leave } from "./protocol/flow.ts";
import { downstreamKey } from "./protocol/key.ts";
import { type Ending, isMiddyTimeout, isNearTheEnd, settle } from "./protocol/outcome.ts";
import type { Responder } from "./responder.ts";
import { stepperOf } from "./stepper.ts";

/** What an execution is carried out with. */
export interface ExecutionParts {
  /** The profile of the route, or as much of it as holds for this request. */
  readonly profile: Profile;
  readonly key: string | undefined;
  readonly execution: Execution;
  readonly respond: Responder;
  readonly abort: AbortController;
  readonly signal: AbortSignal;
}

const REJECTED_AFTER_STEPS =
  "reject: a step of this request has run, so it has begun, and to free its key would repeat the step. Return the response without reject().";

const NOTHING = {};

/** What an HTTP API makes of an error. */
const THREW: HttpResponse = {
  statusCode: 500,
  headers: { "content-type": "application/json" },
  body: '{"message":"Internal Server Error"}',
};

/** The attempt in which the handler runs: how it ends decides what becomes of its claim. */
export function executing(settings: Settings, parts: ExecutionParts): Executing {
  const { tools, secret } = settings;
  const { profile, key, execution, respond, abort, signal } = parts;
  const { request, startedAtMs, fence, entityId } = execution;
  const origin = { ...request, startedAtMs };
  /** Somebody else began before: what that one has done is not known here. */
  const isTakeover = execution.claims > 1;
  let isSettled = false;
  let hasAskedForKey = false;
  let hasCommitted = false;
  let rejected: unknown = NOTHING;
  let final: unknown = NOTHING;
  const stepper = stepperOf(settings, profile, execution, signal);
  const committer = committerOf(settings, profile, execution, respond, hasEffectsElsewhere);

  return {
    context: contextOf({
      fence,
      entityId,
      key,
      signal,
      downstreamKey(name) {
        hasAskedForKey = true;
        return downstreamKey(origin, name, secret);
      },
      step: stepper.step,
      commit(writes, response) {
        const fault = stepper.fault();
        if (fault !== undefined) return Promise.reject(fault);
        hasCommitted = true;
        return committer.commit(writes, response);
      },
      onReject: (response) => {
        if (stepper.hasBegun()) throw new StepError(REJECTED_AFTER_STEPS);
        rejected = response;
      },
      onFinal: (response) => {
        final = response;
      },
    }),

    async returned(result, own) {
      const failures = [await committer.idle(), await stepper.idle()];
      const failure = failures.find((one) => one !== undefined);
      const replacement = stepper.replacement();
      if (replacement !== undefined) return giveWay(replacement);
      if (failure !== undefined) {
        // The handler has answered without waiting, and does not know that nothing was committed.
        await end({ kind: "threw", error: failure.error, hasBegun: true }, THREW);
        throw failure.error;
      }
      if (committer.answer() !== undefined) return committer.check(result, own !== undefined);
      const response = responseOf(result);
      return (await endWith(response, own ?? { result })) ?? response;
    },

    async threw(error, answer) {
      if (isMiddyTimeout(error)) {
        // Whoever is still at work for the handler should stop; it is not waited for.
        abort.abort(error);
      } else {
        await committer.idle();
        await stepper.idle();
        const replacement = stepper.replacement();
        if (replacement !== undefined) return giveWay(replacement);
      }
      if (committer.answer() !== undefined) return committer.answerTo(error);
      if (isSettled) return undefined;
      if (answer !== undefined) return endWith(responseOf(answer.result), answer.own);
      return end({ kind: "threw", error, hasBegun: hasBegun() }, THREW);
    },
  };

  function hasEffectsElsewhere(): boolean {
    return hasAskedForKey || stepper.hasBegun() || isTakeover;
  }

  function hasBegun(): boolean {
    return hasCommitted || hasEffectsElsewhere();
  }

  /** A step could not be recorded: another execution, or the next attempt, goes on from there. */
  async function giveWay(replacement: Answer): Promise<HttpResponse> {
    if (!isSettled) {
      isSettled = true;
      await release();
    }
    return respond(replacement);
  }

  /** @returns an answer in place of the response. */
  function endWith(response: HttpResponse, own: Own): Promise<HttpResponse | undefined> {
    // Who rejects must also answer with the rejection, whatever hooks have made of it since.
    const ending: Ending =
      own.result === rejected
        ? { kind: "rejected", hasBegun: isTakeover }
        : {
            kind: "returned",
            statusCode: Number(response.statusCode),
            hasBegun: hasBegun(),
            isFinal: own.result === final,
          };
    return end(ending, response);
  }

  /** @returns an answer in place of the response. */
  async function end(ending: Ending, response: HttpResponse): Promise<HttpResponse | undefined> {
    isSettled = true;
    const exit = await exitOf(ending, response);
    return exit.kind === "stands" ? undefined : respond(exit);
  }

  async function exitOf(ending: Ending, response: HttpResponse): Promise<Exit> {
    const remainingMs = request.remainingMs();
    const settlement = settle(profile.outcome, ending, remainingMs, tools.leaseMarginMs);
    // Whoever comes late, past an early time-out, still has its claim; past any other end it must
    // neither move money behind an answer nor take this answer for its own commit.
    if (settlement !== "leave") committer.close();
    if (settlement !== "complete") return leave(tools, profile, execution, settlement);
    const fault = stepper.fault();
    if (fault !== undefined) {
      await release();
      throw fault;
    }
    const mustCommit = fence === undefined && settings.onUncommitted === "refuse";
    if (mustCommit && !committer.wasRefused()) return refuseUncommitted(ending);
    const { text, notKept } = storeResponse(response, profile.keepsAnswers);
    if (notKept !== undefined) {
      tools.observe({ kind: "bodyNotKept", recordId: request.id, reason: notKept });
    }
    return complete(tools, profile, execution, text);
  }

  function release(): Promise<Exit> {
    const isLate = isNearTheEnd(request.remainingMs(), tools.leaseMarginMs);
    return leave(tools, profile, execution, isLate ? "leave" : "release");
  }

  /** An answer without a commit, where every answer must come from one; unless it is a repeat. */
  async function refuseUncommitted({ kind }: Ending): Promise<Exit> {
    const exit = await answerOfRepeat(tools, profile, execution);
    if (exit.kind !== "stands" || kind === "threw") return exit;
    throw new ConfigurationError(
      `idempotency: the handler of record ${request.id} ended without commit(), which this route requires (mode "once", onUncommitted "refuse"). Nothing was recorded. Commit, or set onUncommitted: "record".`,
    );
  }
}
