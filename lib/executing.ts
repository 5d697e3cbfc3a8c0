import type { Attempt } from "./attempt.ts";
import { committerOf } from "./committer.ts";
import { contextOf } from "./context.ts";
import { ConfigurationError } from "./errors.ts";
import { type HttpResponse, responseOf, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Execution } from "./protocol/execution.ts";
import { leave } from "./protocol/flow.ts";
import { type Ending, isMiddyTimeout, settle } from "./protocol/outcome.ts";
import type { Responder } from "./responder.ts";

/** What an execution is carried out with. */
export interface ExecutionParts {
  readonly key: string;
  readonly execution: Execution;
  readonly respond: Responder;
  readonly abort: AbortController;
  readonly signal: AbortSignal;
}

/** The attempt in which the handler runs: how it ends decides what becomes of its claim. */
export function executing(settings: Settings, parts: ExecutionParts): Attempt {
  const { profile, tools, secret } = settings;
  const { key, execution, respond, abort, signal } = parts;
  const { request, startedAtMs, fence, entityId } = execution;
  const committer = committerOf(settings, profile, execution, respond);
  let isSettled = false;
  let hasBegun = false;
  let rejected: HttpResponse | undefined;

  return {
    answer: undefined,
    context: contextOf({
      origin: { ...request, startedAtMs },
      fence,
      entityId,
      key,
      signal,
      secret,
      commit(writes, response) {
        hasBegun = true;
        return committer.commit(writes, response);
      },
      onDownstreamKey: () => {
        hasBegun = true;
      },
      onReject: (response) => {
        rejected = response;
      },
    }),

    async returned(result, mayBeShaped = false) {
      await committer.idle();
      if (committer.hasAnswered()) return committer.check(result, mayBeShaped);
      return isSettled ? result : endWith(result, mayBeShaped);
    },

    async threw(error, answer) {
      await committer.idle();
      if (isSettled || committer.hasAnswered()) return undefined;
      if (isMiddyTimeout(error)) abort.abort(error);
      if (answer !== undefined) {
        await endWith(answer.result, true);
        return undefined;
      }
      const exit = await end({ kind: "threw", error, hasBegun });
      return exit.kind === "stands" ? undefined : respond(exit);
    },
  };

  async function endWith(result: unknown, mayBeShaped: boolean): Promise<HttpResponse> {
    const response = responseOf(result);
    // Who rejects must also answer with the rejection; a hook may have shaped it since.
    const isRejection = rejected !== undefined && (mayBeShaped || result === rejected);
    const ending: Ending = isRejection
      ? { kind: "rejected" }
      : { kind: "returned", statusCode: Number(response.statusCode) };
    const exit = await end(ending, response);
    return exit.kind === "stands" ? response : respond(exit);
  }

  async function end(ending: Ending, response?: HttpResponse) {
    isSettled = true;
    const remainingMs = request.remainingMs();
    const settlement = settle(profile.outcome, ending, remainingMs, tools.leaseMarginMs);
    if (response === undefined || settlement !== "complete") {
      return leave(tools, profile, execution, settlement, "");
    }
    if (fence === undefined && settings.onUncommitted === "refuse" && !hasBegun) {
      throw new ConfigurationError(
        `idempotency: the handler of record ${request.id} ended without commit(), which this route requires (mode "once", onUncommitted "refuse"). Nothing was recorded. Commit, or set onUncommitted: "record".`,
      );
    }
    // Whoever comes late, past an early time-out, must not take this answer for its own commit.
    committer.close();
    const { text, notKept } = storeResponse(response, profile.keepsAnswers);
    if (notKept !== undefined) {
      tools.observe({ kind: "bodyNotKept", recordId: request.id, reason: notKept });
    }
    return leave(tools, profile, execution, settlement, text);
  }
}
