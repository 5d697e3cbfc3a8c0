import { CommitError, ConfigurationError } from "./errors.ts";
import { type HttpResponse, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import { commit } from "./protocol/commit.ts";
import type { Execution } from "./protocol/execution.ts";

import type { TransactWrite } from "./protocol/transact-write.ts";
import type { Responder } from "./responder.ts";

/** Makes the one commit of an execution, and remembers what it answered. */
export interface Committer {
  /** See `IdempotencyContext.commit`. */
  commit(writes: readonly TransactWrite[], response: HttpResponse): Promise<HttpResponse>;
  /** What was committed, or came in its place; `undefined` = nothing yet. */
  answer(): HttpResponse | undefined;
  /**
   * Compares what is about to be sent with what was committed: a repeat gets the latter, so the two
   * must not differ.
   *
   * @returns what is to be sent: what was committed, unless other middlewares have shaped it.
   * @throws ConfigurationError if they differ, where the option `onDifferentAnswer` is "throw".
   */
  check(result: unknown, mayBeShaped: boolean): unknown;
}

export function committerOf(
  { tools, onLargeResponse, onDifferentAnswer }: Settings,
  profile: Profile,
  execution: Execution,
  respond: Responder,
): Committer {
  const recordId = execution.request.id;
  let isCommitting = false;
  let answer: HttpResponse | undefined;

  return {
    answer: () => answer,

    async commit(writes, response) {
      if (isCommitting) {
        throw new CommitError("commit: it was called before in this execution; commit once.");
      }
      // What cannot be stored must be known before the effect, not after it.
      const { text, notKept } = storeResponse(response, profile.keepsAnswers);
      if (notKept !== undefined) {
        if (onLargeResponse === "refuse") {
          throw new CommitError(
            `commit: the response cannot be stored: ${notKept}. Nothing was written. Answer with less, or set onLargeResponse: "omit-body".`,
          );
        }
        tools.observe({ kind: "bodyNotKept", recordId, reason: notKept });
      }
      isCommitting = true;
      try {
        const exit = await commit(tools, profile, execution, writes, text);
        answer = exit.kind === "stands" ? response : await respond(exit);
        return answer;
      } catch (error) {
        // Refused by the business, or invalid: nothing was written, and the handler goes on.
        isCommitting = false;
        throw error;
      }
    },

    check(result, mayBeShaped) {
      if (result === answer || JSON.stringify(result) === JSON.stringify(answer)) return answer;
      const message =
        "The answer that is sent is not the one that was committed, which every repeat will get. " +
        "Return what commit() returned. If another middleware shapes the answer (CORS, a serialiser), " +
        "use the wrapper, middy(idempotent(handler, options)): then every hook runs on repeats too.";
      if (onDifferentAnswer === "throw") throw new ConfigurationError(`idempotency: ${message}`);
      tools.observe({ kind: "answerDiffers", recordId, message });
      return mayBeShaped ? result : answer;
    },
  };
}
