import type { Fault } from "../checks/fault.ts";
import { CommitError, ConfigurationError, isCommitRefused } from "../errors.ts";
import { commit } from "../protocol/commit.ts";
import type { Execution } from "../protocol/execution.ts";
import { isRefusal } from "../protocol/outcome.ts";
import type { TransactWrite } from "../protocol/transact-write.ts";
import type { CoreSettings } from "../settings/settings.ts";
import type { Outputs } from "./surface.ts";

/** Makes the one commit of an execution, and remembers its response. */
export interface Committer<Output> {
  /** See `IdempotencyContext.commit`. */
  commit(writes: readonly TransactWrite[], result: unknown): Promise<unknown>;
  /**
   * Waits for a commit that is on its way: nothing else may settle the claim before its outcome is known.
   *
   * @returns the error of a failed commit, which a handler that did not wait has not seen.
   */
  idle(): Promise<{ readonly error: unknown } | undefined>;
  /** The committed response, or the replay or refusal in its place; `undefined` = none yet. */
  output(): Output | undefined;
  /** Whether a value is the very object that `commit` returned, and not a copy of it. */
  hasReturned(value: unknown): boolean;
  /** The response in place of an error: a 4xx would tell the client that nothing has happened. */
  outputTo(error: unknown): Output | undefined;
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
  check(output: Output, mayBeShaped: boolean): Output;
}

type State<Output> =
  | { readonly kind: "open" }
  | { readonly kind: "committing"; readonly done: Promise<unknown> }
  | {
      readonly kind: "committed";
      readonly output: Output;
      /** The copy that `commit` returned. The handler may change it; the committed output stays. */
      readonly returned?: unknown;
      readonly text: string;
    }
  /** A replay or a refusal came in place of the commit. */
  | { readonly kind: "replaced"; readonly output: Output; readonly returned?: unknown }
  | { readonly kind: "closed" };

export function createCommitter<Output>(
  { tools, largeResponse, differentResponse }: CoreSettings,
  execution: Execution,
  outputs: Outputs<Output>,
  // Stryker disable next-line ArrowFunction,BooleanLiteral: without a key there is no claim to free
  hasEffectsElsewhere: () => boolean = () => false,
): Committer<Output> {
  const recordId = execution.request.id;
  let state: State<Output> = { kind: "open" };
  let wasRefused = false;

  return {
    commit(writes, result) {
      if (state.kind !== "open") {
        return Promise.reject(new CommitError(`commit: ${WHY_NOT[state.kind]}`));
      }
      // Read at once: the handler keeps the result, and may change it.
      const read = outputs.readCommitted(result);
      if ("fault" in read) return Promise.reject(unfit(read.fault));
      const done = commitOnce(writes, read.output);
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

    output: sentOutput,

    hasReturned: (value) => "returned" in state && value === state.returned,

    outputTo(error) {
      return state.kind === "replaced" || isRefusal(error) ? sentOutput() : undefined;
    },

    wasRefused: () => wasRefused,

    close() {
      if (state.kind === "open") state = { kind: "closed" };
    },

    check(output, mayBeShaped) {
      if (state.kind === "replaced") return state.output;
      if (state.kind !== "committed") return output;
      const { text } = outputs.store(output);
      if (text === state.text) return output;
      if (differentResponse === "throw") throw new ConfigurationError(`idempotency: ${DIFFERS}`);
      tools.observe({ kind: "responseDiffers", recordId, message: DIFFERS });
      return mayBeShaped ? output : state.output;
    },
  };

  function sentOutput(): Output | undefined {
    // Stryker disable next-line ConditionalExpression: no other state has an output
    return state.kind === "committed" || state.kind === "replaced" ? state.output : undefined;
  }

  async function commitOnce(writes: readonly TransactWrite[], output: Output): Promise<unknown> {
    const { exit, text } = await send(writes, output);
    const isMade = exit.kind === "stands";
    const sent = isMade ? output : await outputs.respond(exit);
    // Before the output goes to the handler, which may be as an error.
    const ended = isMade
      ? ({ kind: "committed", output, text } as const)
      : ({ kind: "replaced", output: sent } as const);
    state = ended;
    const returned = outputs.toHandler(sent);
    state = { ...ended, returned };
    return returned;
  }

  async function send(writes: readonly TransactWrite[], output: Output) {
    try {
      // A turn later: `state` must say "committing" before the commit can fail.
      await undefined;
      const text = textOf(output);
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
  function textOf(output: Output): string {
    const { text, notKept } = outputs.store(output);
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
