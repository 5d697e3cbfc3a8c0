import type { Executing, Own } from "./attempt.ts";
import { committerOf } from "./committer.ts";
import { contextOf } from "./context.ts";
import { ConfigurationError, StepError } from "./errors.ts";
import { type HttpResponse, responseOf, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import type { Answer, Execution, Exit } from "./protocol/execution.ts";
import { leave } from "./protocol/flow.ts";
import { downstreamKey } from "./protocol/key.ts";
import { type Ending, isMiddyTimeout, isRefusal, settle } from "./protocol/outcome.ts";
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
  "reject: a step of this request is recorded, so it has begun, and to free its key would repeat the step. Return the response without reject().";

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
  let rejected: HttpResponse | undefined;
  let final: HttpResponse | undefined;
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
      const failure = (await committer.idle()) ?? (await stepper.idle());
      const replacement = stepper.replacement();
      if (replacement !== undefined) return giveWay(replacement);
      if (failure !== undefined) {
        // The handler has answered without waiting, and does not know that nothing was committed.
        await end({ kind: "threw", error: failure.error, hasBegun: true });
        throw failure.error;
      }
      if (committer.answer() !== undefined) return committer.check(result, own !== undefined);
      return isSettled ? result : (await endWith(result, own)).response;
    },

    async threw(error, answer) {
      // At once: whoever is still at work for the handler should stop.
      if (isMiddyTimeout(error)) abort.abort(error);
      await committer.idle();
      await stepper.idle();
      const replacement = stepper.replacement();
      if (replacement !== undefined && !isMiddyTimeout(error)) return giveWay(replacement);
      const committed = committer.answer();
      if (committed !== undefined) {
        // A 4xx would tell the client that nothing has happened.
        return committed.isReplaced || isRefusal(error) ? committed.response : undefined;
      }
      if (isSettled) return undefined;
      if (answer !== undefined) {
        const { response, stands } = await endWith(answer.result, answer.own);
        return stands ? undefined : response;
      }
      const exit = await end({ kind: "threw", error, hasBegun: hasBegun() });
      return exit.kind === "stands" ? undefined : respond(exit);
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
      const remainingMs = request.remainingMs();
      const release = settle(
        () => "release",
        { kind: "rejected" },
        remainingMs,
        tools.leaseMarginMs,
      );
      await leave(tools, profile, execution, release, "");
    }
    return respond(replacement);
  }

  async function endWith(
    result: unknown,
    own: Own = { result },
  ): Promise<{ response: HttpResponse; stands: boolean }> {
    const response = responseOf(result);
    // Who rejects must also answer with the rejection, whatever hooks have made of it since.
    const isRejection = rejected !== undefined && own.result === rejected;
    const statusCode = Number(response.statusCode);
    const isFinal = final !== undefined && own.result === final;
    const ending: Ending = isRejection
      ? { kind: "rejected", hasBegun: isTakeover }
      : { kind: "returned", statusCode, hasBegun: hasBegun(), isFinal };
    const exit = await end(ending, response);
    return exit.kind === "stands"
      ? { response, stands: true }
      : { response: await respond(exit), stands: false };
  }

  async function end(ending: Ending, response?: HttpResponse): Promise<Exit> {
    isSettled = true;
    const remainingMs = request.remainingMs();
    const settlement = settle(profile.outcome, ending, remainingMs, tools.leaseMarginMs);
    // Whoever comes late, past an early time-out, still has its claim; past any other end it must
    // neither move money behind an answer nor take this answer for its own commit.
    if (settlement !== "leave") committer.close();
    const fault = settlement === "complete" ? stepper.fault() : undefined;
    if (fault !== undefined) {
      await leave(tools, profile, execution, "release", "");
      throw fault;
    }
    if (response === undefined || settlement !== "complete") {
      return leave(tools, profile, execution, settlement, "");
    }
    const mustCommit = fence === undefined && settings.onUncommitted === "refuse";
    if (mustCommit && !committer.wasRefused()) return refuseUncommitted();
    const { text, notKept } = storeResponse(response, profile.keepsAnswers);
    if (notKept !== undefined) {
      tools.observe({ kind: "bodyNotKept", recordId: request.id, reason: notKept });
    }
    return leave(tools, profile, execution, settlement, text);
  }

  /** An answer without a commit, where every answer must come from one; unless it is a repeat. */
  async function refuseUncommitted(): Promise<Exit> {
    const exit = await leave(tools, profile, execution, "leave", "");
    if (exit.kind !== "stands") return exit;
    throw new ConfigurationError(
      `idempotency: the handler of record ${request.id} ended without commit(), which this route requires (mode "once", onUncommitted "refuse"). Nothing was recorded. Commit, or set onUncommitted: "record".`,
    );
  }
}
