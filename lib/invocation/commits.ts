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

/** Makes the one commit of an execution, and remembers its response. */
export interface Committer {
  /** See `IdempotencyContext.commit`. */
  commit(writes: readonly TransactWrite[], response: HttpResponse): Promise<HttpResponse>;
  /**
   * Waits for a commit that is on its way: nothing else may settle the claim before its outcome is known.
   *
   * @returns the error of a failed commit, which a handler that did not wait has not seen.
   */
  idle(): Promise<{ readonly error: unknown } | undefined>;
  /** The committed response, or the replay or refusal in its place; `undefined` = none yet. */
  response(): HttpResponse | undefined;
  /** Whether a value is the very object that `commit` returned, and not a copy of it. */
  hasReturned(value: unknown): boolean;
  /** The response in place of an error: a 4xx would tell the client that nothing has happened. */
  responseTo(error: unknown): HttpResponse | undefined;
  /** Whether a business condition has refused a commit: the handler's response tells the client so. */
  wasRefused(): boolean;
  /** Refuses every later commit: the execution has ended with another response. */
  close(): void;
  /**
   * Compares the response that is about to be sent with the committed one, which every repeat gets.
   *
   * @returns the response to send: the committed one, unless other middlewares have shaped it. A replay
   *   or refusal in its place is never replaced.
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
      /** The copy that `commit` returned. The handler may change it; the committed response stays. */
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

    response: sentResponse,

    hasReturned: (value) => "returned" in state && value === state.returned,

    responseTo(error) {
      return state.kind === "replaced" || isRefusal(error) ? sentResponse() : undefined;
    },

    wasRefused: () => wasRefused,

    close() {
      if (state.kind === "open") state = { kind: "closed" };
    },

    check(response, mayBeShaped) {
      if (state.kind === "replaced") return state.response;
      if (state.kind !== "committed") return response;
      const { text } = storeResponse(response, profile.keepsResponses);
      if (text === state.text) return response;
      if (differentResponse === "throw") throw new ConfigurationError(`idempotency: ${DIFFERS}`);
      tools.observe({ kind: "responseDiffers", recordId, message: DIFFERS });
      return mayBeShaped ? response : state.response;
    },
  };

  function sentResponse(): HttpResponse | undefined {
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
      // A turn later: `state` must say "committing" before the commit can fail.
      await undefined;
      const text = textOf(response);
      const mayFree = !hasEffectsElsewhere();
      return { text, exit: await commit(execution, { writes, response: text, mayFree }) };
    } catch (error) {
      // Refused by the business, or invalid: nothing was written, and the handler goes on.
      wasRefused ||= isCommitRefused(error);
      state = { kind: "open" };
      throw error;
    }
  }

  /** A response that cannot be stored must be refused before the effect, not after it. */
  function textOf(response: HttpResponse): string {
    const { text, notKept } = storeResponse(response, profile.keepsResponses);
    if (notKept === undefined) return text;
    if (largeResponse === "refuse") {
      throw unfit({ problem: notKept, remedy: TOO_LARGE });
    }
    tools.observe({ kind: "bodyNotKept", recordId, reason: notKept });
    return text;
  }
}

/** Nothing has been written, so the handler can still commit a mended response. */
function unfit({ problem, remedy }: Fault): CommitError {
  return new CommitError(
    `commit: the response cannot be stored: ${problem}. Nothing was written. ${remedy}`,
  );
}

const TOO_LARGE = 'Answer with less, or set largeResponse: "omit-body".';

const CREDENTIALS = {
  problem:
    "its status is about the credentials of this caller, who may repeat the request with others",
  remedy: "Return it without a commit.",
};

const WHY_NOT = {
  committing: "it was called before in this execution; commit once.",
  committed: "it was called before in this execution; commit once.",
  replaced: "it was called before in this execution; commit once.",
  closed: "the execution has ended with another response; nothing was committed.",
} as const;

const DIFFERS =
  "The response that is sent differs from the committed one, which every repeat gets. " +
  "Return the result of commit(). If another middleware shapes the response (CORS, a serialiser), " +
  "use the wrapper, middy(idempotent(handler, options)): then every hook runs on repeats too.";
