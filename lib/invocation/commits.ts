import { CommitError, ConfigurationError, isCommitRefused } from "../errors.ts";
import { copyResponse, type HttpResponse } from "../http/response.ts";
import { type Fault, readCommitted } from "../http/result.ts";
import { storeResponse } from "../http/stored-response.ts";
import type { Profile } from "../profiles/profile.ts";
import { commit } from "../protocol/commit.ts";
import type { Execution } from "../protocol/execution.ts";
import { isRefusal, isUnauthenticated } from "../protocol/outcome.ts";
import type { TransactWrite } from "../protocol/transact-write.ts";
import type { Settings } from "../settings/settings.ts";
import type { Responder } from "./responses.ts";

/** Makes the one commit of an execution, and remembers what it answered. */
export interface Committer {
  /** See `IdempotencyContext.commit`. */
  commit(writes: readonly TransactWrite[], response: HttpResponse): Promise<HttpResponse>;
  /**
   * Waits for a commit that is on its way: until it is known, nothing else may settle the claim.
   *
   * @returns the error with which it failed, which a handler that did not wait has not seen.
   */
  idle(): Promise<{ readonly error: unknown } | undefined>;
  /** What was committed, or came in its place; `undefined` = nothing yet. */
  answer(): HttpResponse | undefined;
  /** Whether a value is what `commit` returned, and not a copy of it. */
  hasReturned(value: unknown): boolean;
  /** What is answered in place of an error: a 4xx would tell the client that nothing has happened. */
  answerTo(error: unknown): HttpResponse | undefined;
  /** Whether a business condition has refused a commit: the handler's answer is about that. */
  wasRefused(): boolean;
  /** Refuses what is committed from now on: the execution has ended with another answer. */
  close(): void;
  /**
   * Compares what is about to be sent with what was committed: a repeat gets the latter, so the two
   * must not differ.
   *
   * @returns what is to be sent: what was committed, unless other middlewares have shaped it. What
   *   came in place of the commit is never replaced by anything else.
   * @throws ConfigurationError if they differ, where the option `differentResponse` is "throw".
   */
  check(response: HttpResponse, mayBeShaped: boolean): HttpResponse;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "committing"; readonly done: Promise<HttpResponse> }
  | {
      readonly kind: "committed";
      readonly response: HttpResponse;
      /** What `commit` returned: the handler may change it, and what was committed stays as it was. */
      readonly returned: HttpResponse;
      readonly text: string;
    }
  /** A replay or a refusal came in place of the commit. */
  | { readonly kind: "replaced"; readonly response: HttpResponse; readonly returned: HttpResponse }
  | { readonly kind: "closed" };

export function createCommitter(
  { tools, largeResponse, differentResponse }: Settings,
  profile: Profile,
  execution: Execution,
  respond: Responder,
  hasEffectsElsewhere: () => boolean = () => false,
): Committer {
  const recordId = execution.request.id;
  let state: State = { kind: "open" };
  let wasRefused = false;

  return {
    commit(writes, response) {
      if (state.kind !== "open") {
        return Promise.reject(new CommitError(`commit: ${WHY_NOT[state.kind]}`));
      }
      // Read at once: the handler keeps the response, and may change it.
      const read = readCommitted(response);
      if ("fault" in read) return Promise.reject(unfit(read.fault));
      if (isUnauthenticated(read.response.statusCode)) return Promise.reject(unfit(CREDENTIALS));
      const done = commitOnce(writes, read.response);
      state = { kind: "committing", done };
      return done;
    },

    async idle() {
      if (state.kind !== "committing") return undefined;
      return state.done.then(
        () => undefined,
        (error) => ({ error }),
      );
    },

    answer,

    hasReturned: (value) => "returned" in state && value === state.returned,

    answerTo(error) {
      return state.kind === "replaced" || isRefusal(error) ? answer() : undefined;
    },

    wasRefused: () => wasRefused,

    close() {
      if (state.kind === "open") state = { kind: "closed" };
    },

    check(response, mayBeShaped) {
      if (state.kind === "replaced") return state.response;
      if (state.kind !== "committed") return response;
      const { text } = storeResponse(response, profile.keepsAnswers);
      if (text === state.text) return response;
      if (differentResponse === "throw") throw new ConfigurationError(`idempotency: ${DIFFERS}`);
      tools.observe({ kind: "answerDiffers", recordId, message: DIFFERS });
      return mayBeShaped ? response : state.response;
    },
  };

  function answer(): HttpResponse | undefined {
    return state.kind === "committed" || state.kind === "replaced" ? state.response : undefined;
  }

  async function commitOnce(
    writes: readonly TransactWrite[],
    response: HttpResponse,
  ): Promise<HttpResponse> {
    const { exit, text } = await send(writes, response);
    const isMade = exit.kind === "stands";
    const sent = isMade ? response : await respond(exit);
    const returned = copyResponse(sent);
    state = isMade
      ? { kind: "committed", response, returned, text }
      : { kind: "replaced", response: sent, returned };
    return returned;
  }

  async function send(writes: readonly TransactWrite[], response: HttpResponse) {
    try {
      // In a turn of its own, so that nothing comes of it before it is noted as on its way.
      await undefined;
      const text = textOf(response);
      const mayFree = !hasEffectsElsewhere();
      return { text, exit: await commit(tools, profile, execution, writes, text, mayFree) };
    } catch (error) {
      // Refused by the business, or invalid: nothing was written, and the handler goes on.
      wasRefused ||= isCommitRefused(error);
      state = { kind: "open" };
      throw error;
    }
  }

  /** What cannot be stored must be known before the effect, not after it. */
  function textOf(response: HttpResponse): string {
    const { text, notKept } = storeResponse(response, profile.keepsAnswers);
    if (notKept === undefined) return text;
    if (largeResponse === "refuse") {
      throw unfit({ what: notKept, mend: TOO_LARGE });
    }
    tools.observe({ kind: "bodyNotKept", recordId, reason: notKept });
    return text;
  }
}

/** Nothing has been written, so a response that is mended can still be committed. */
function unfit({ what, mend }: Fault): CommitError {
  return new CommitError(
    `commit: the response cannot be stored: ${what}. Nothing was written. ${mend}`,
  );
}

const TOO_LARGE = 'Answer with less, or set largeResponse: "omit-body".';

const CREDENTIALS = {
  what: "its status is about the credentials of this caller, who may repeat the request with others",
  mend: "Return it without a commit.",
};

const WHY_NOT = {
  committing: "it was called before in this execution; commit once.",
  committed: "it was called before in this execution; commit once.",
  replaced: "it was called before in this execution; commit once.",
  closed: "the execution has ended with another answer; nothing was committed.",
} as const;

const DIFFERS =
  "The answer that is sent is not the one that was committed, which every repeat will get. " +
  "Return what commit() returned. If another middleware shapes the answer (CORS, a serialiser), " +
  "use the wrapper, middy(idempotent(handler, options)): then every hook runs on repeats too.";
