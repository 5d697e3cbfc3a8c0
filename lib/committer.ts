import { CommitError, ConfigurationError, isCommitRefused } from "./errors.ts";
import { type HttpResponse, responseOf, storeResponse } from "./http/response.ts";
import type { Settings } from "./options.ts";
import type { Profile } from "./profiles/profile.ts";
import { commit } from "./protocol/commit.ts";
import type { Execution } from "./protocol/execution.ts";
import { isRefusal } from "./protocol/outcome.ts";
import type { TransactWrite } from "./protocol/transact-write.ts";
import type { Responder } from "./responder.ts";

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
   * @throws ConfigurationError if they differ, where the option `onDifferentAnswer` is "throw".
   */
  check(result: unknown, mayBeShaped: boolean): unknown;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "committing"; readonly done: Promise<HttpResponse> }
  | { readonly kind: "committed"; readonly response: HttpResponse; readonly text: string }
  /** A replay or a refusal came in place of the commit. */
  | { readonly kind: "replaced"; readonly response: HttpResponse }
  | { readonly kind: "closed" };

export function committerOf(
  { tools, onLargeResponse, onDifferentAnswer }: Settings,
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
      if (typeof response !== "object" || response === null) {
        return Promise.reject(
          new CommitError(
            `commit: the response is ${response === null ? "null" : typeof response}; expected what the client gets, for example commit(writes, { statusCode: 201 }). Nothing was written.`,
          ),
        );
      }
      const done = commitOnce(writes, response);
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

    answerTo(error) {
      return state.kind === "replaced" || isRefusal(error) ? answer() : undefined;
    },

    wasRefused: () => wasRefused,

    close() {
      if (state.kind === "open") state = { kind: "closed" };
    },

    check(result, mayBeShaped) {
      if (state.kind === "replaced") return state.response;
      if (state.kind !== "committed") return result;
      const { text } = storeResponse(responseOf(result), profile.keepsAnswers);
      if (text === state.text) return result;
      if (onDifferentAnswer === "throw") throw new ConfigurationError(`idempotency: ${DIFFERS}`);
      tools.observe({ kind: "answerDiffers", recordId, message: DIFFERS });
      return mayBeShaped ? result : state.response;
    },
  };

  function answer(): HttpResponse | undefined {
    return state.kind === "committed" || state.kind === "replaced" ? state.response : undefined;
  }

  async function commitOnce(
    writes: readonly TransactWrite[],
    response: HttpResponse,
  ): Promise<HttpResponse> {
    // The handler keeps the response, and may change it; what was committed stays as it was.
    const copy = { ...response, ...(response.headers && { headers: { ...response.headers } }) };
    const { exit, text } = await send(writes, copy);
    state =
      exit.kind === "stands"
        ? { kind: "committed", response: copy, text }
        : { kind: "replaced", response: await respond(exit) };
    return state.response;
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
    if (onLargeResponse === "refuse") {
      throw new CommitError(
        `commit: the response cannot be stored: ${notKept}. Nothing was written. Answer with less, or set onLargeResponse: "omit-body".`,
      );
    }
    tools.observe({ kind: "bodyNotKept", recordId, reason: notKept });
    return text;
  }
}

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
