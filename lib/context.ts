import { CommitError, ConfigurationError } from "./errors.ts";
import type { LayerResponse } from "./http/layer-response.ts";
import type { HttpResponse } from "./http/response.ts";
import type { PlanStep, RunStep } from "./invocation/step.ts";
import type { TransactWrite } from "./protocol/transact-write.ts";

/**
 * The value of `context.idempotency` in a handler: the request's key, and the ways to record its
 * effects and its response.
 */
export interface IdempotencyContext {
  /**
   * The key that the client sent. `undefined` if the client sent none and the profile lets that pass,
   * and in a run that a completer started, because the record does not hold the key.
   */
  readonly key: string | undefined;
  /**
   * The authenticated principal, as the option `tenant` returned it when the request first came, also in
   * a run that a completer started: the event has no authorizer's part then. `undefined` with
   * `singleTenant`, and for a request whose method the profile is not about.
   */
  readonly tenant: string | undefined;
  /**
   * A number that grows with every claim of this key. Write it on an item under the condition
   * `lastFence < :fence` to keep out an execution that has been replaced. `undefined` without a key,
   * and with `claimAt: "commit"`.
   */
  readonly fence: number | undefined;
  /**
   * The id for the entity that the request creates, the same on every attempt, under a profile with
   * `completed: "entity"` ({@link dfns}). `undefined` under other profiles, and without a key.
   */
  readonly entityId: string | undefined;
  /**
   * Aborted shortly before Lambda's time-out: in `middy(idempotent(…))` when Middy gives up waiting for
   * the handler, otherwise when no more than `leaseMarginMs`, or half of the time, is left. Never aborted in
   * a durable execution.
   */
  readonly signal: AbortSignal;
  /**
   * Whether the response is a replay. For Middy's `requestEnd` around the middleware. Hooks around the
   * wrapper have another context: they recognise a replay by its header.
   */
  readonly isReplay: boolean;
  /**
   * Derives a key for a call to another service. The key is the same on every attempt of this request:
   * a downstream that deduplicates by it charges once, however often this function is retried.
   *
   * @param name the purpose of the call; unique within the handler.
   * @throws ConfigurationError in a hook, if the request got its response without the handler: the
   *   call would belong to no execution.
   * @example
   * await bank.charge({ idempotencyKey: context.idempotency.downstreamKey("charge"), amountMinor });
   */
  downstreamKey(name: string): string;
  /**
   * Runs one step of the work once, over all executions of this request, under a profile that
   * resumes ({@link orzcash}, or `interrupted: "resume"`). The record keeps the result of the step.
   * When a retry resumes the request after a crash, a time-out or an error, the step does not run
   * again: it returns the recorded result.
   *
   * A step that commits (`step.commit`) has its effect and its record in one transaction. For any other
   * step the process may die between the effect and the record, so give the call that has the effect
   * the step's `downstreamKey`. Steps run one after the other. Their names and their order depend on the
   * request alone.
   *
   * @param name unique within the handler; 1 to 100 characters.
   * @param run does the work, and returns plain data. Every execution, the first one too, gets the
   *   result as its JSON text says it.
   * @throws the error of `run`; the step is not recorded then.
   * @throws StepError if the handler's steps are not those of the record, or the result cannot be
   *   recorded.
   * @throws StepInterrupted if another execution took the claim over, or whether the step was recorded is
   *   unknown. Rethrow it.
   * @throws ConfigurationError if the profile does not resume, or with `claimAt: "commit"`.
   * @example
   * const payment = await context.idempotency.step("bank", ({ downstreamKey }) =>
   *   bank.pay(order, { idempotencyKey: downstreamKey }),
   * );
   */
  step<Result>(name: string, run: RunStep<Result>): Promise<Result>;
  /**
   * A {@link step} whose whole effect is in DynamoDB: the writes and the result are one transaction. As
   * the first step of a request it saves a write: before the first `step` the layer records that the
   * request has begun, because only then may the step's function act outside DynamoDB.
   *
   * @param name unique within the handler; 1 to 100 characters.
   * @param plan returns the writes and the result, synchronously.
   * @throws the error of `plan`, CommitRefused and CommitError, as `step.commit` does; nothing was written.
   * @throws StepError, StepInterrupted and ConfigurationError, as `step` does.
   * @example
   * const orderId = await context.idempotency.commitStep("reserve", (downstreamKey) => ({
   *   writes: [{ Update: reserve(downstreamKey) }],
   *   result: downstreamKey,
   * }));
   */
  commitStep<Result>(name: string, plan: PlanStep<Result>): Promise<Result>;
  /**
   * Applies the writes and records the response in one DynamoDB transaction: both or neither.
   * Return its result at once: the given response, or the replay or refusal that the client gets in
   * its place, for example if another execution of this request committed first.
   *
   * If a business condition fails, `commit` throws {@link CommitRefused}, nothing was written, and the
   * handler returns the response for that case. The layer retries collisions with other transactions
   * while the invocation has time.
   *
   * @param writes up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`.
   * @param response the response to the client, now and on every repeat.
   * @throws CommitRefused if the condition of a write failed.
   * @throws CommitError if the writes can never be applied, if `commit` was called before, or if the
   *   response cannot be stored: its status is not from 100 to 599, its body is not a text, it is a
   *   401 or 407, or it is too large (`largeResponse`). Nothing was written by this call.
   * @throws StepError if a step is running, or the record holds steps that the handler did not ask for.
   * @throws ConfigurationError if the store does not commit.
   * @example
   * return context.idempotency.commit([{ Update: debit }, { Update: credit }], { statusCode: 201 });
   */
  commit<Response extends HttpResponse>(
    writes: readonly TransactWrite[],
    response: Response,
  ): Promise<LayerResponse<Response>>;
  /**
   * Marks a response, of any status, as a rejection before any effect: the key is unused again, and
   * any payload may use it. Return the marked object: a copy does not have the mark. If one object is
   * given to both `reject` and `final`, the last call counts.
   *
   * @returns the response, marked.
   * @throws ConfigurationError if the response is not an object, or is a promise.
   * @throws StepError if a step of the request has run: it may have had its effect.
   * @example
   * if (!isValid(order)) return context.idempotency.reject({ statusCode: 422, body: "…" });
   */
  reject<Response extends HttpResponse>(response: Response): Response;
  /**
   * Marks a response, of any status, as final: the record stores it, and every repeat gets it. For
   * a 5xx that no other attempt can change. Return the marked object: a copy does not have the mark. A
   * 401 or 407 is stored only with this mark, and without its challenge.
   *
   * @returns the response, marked.
   * @throws ConfigurationError if the response is not an object, or is a promise.
   * @example
   * if (isClosedForEver) return context.idempotency.final({ statusCode: 500, body: "…" });
   */
  final<Response extends HttpResponse>(response: Response): Response;
}

/** The members of a context. `key`, `tenant`, `fence` and `entityId` default to `undefined`. */
interface ContextParts
  extends Pick<IdempotencyContext, "signal" | "downstreamKey" | "step" | "commitStep">,
    Partial<Pick<IdempotencyContext, "key" | "tenant" | "fence" | "entityId" | "isReplay">> {
  readonly commit: (writes: readonly TransactWrite[], result: unknown) => Promise<unknown>;
  readonly onReject?: (response: HttpResponse) => void;
  readonly onFinal?: (response: HttpResponse) => void;
}

/** Creates the value of `context.idempotency`. */
export function createContext({
  onReject,
  onFinal,
  commit,
  ...parts
}: ContextParts): IdempotencyContext {
  return {
    key: undefined,
    tenant: undefined,
    fence: undefined,
    entityId: undefined,
    isReplay: false,
    ...parts,
    commit: commit as IdempotencyContext["commit"],
    reject(response) {
      checkMarked("reject", response);
      onReject?.(response);
      return response;
    },
    final(response) {
      checkMarked("final", response);
      onFinal?.(response);
      return response;
    },
  };
}

/** The mark belongs to one object: a text cannot carry it, and a promise is not its response. */
function checkMarked(mark: "reject" | "final", response: unknown): void {
  const isObject = typeof response === "object" && response !== null;
  if (isObject && typeof (response as { then?: unknown }).then !== "function") return;
  const found = isObject ? "a promise; await it first" : `${String(response)}; expected an object`;
  throw new ConfigurationError(
    `idempotency: ${mark}() got ${found}. Mark the response itself, { statusCode, headers, body }, and return it; in a function also an error, and throw it.`,
  );
}

function refuseStep(method: string): Promise<never> {
  return Promise.reject(
    new ConfigurationError(
      `idempotency: ${method}() was called in a hook, but ${ANSWERED} Run steps in the handler only.`,
    ),
  );
}

/** The value that hooks find if the request got a replay or a refusal: it commits and runs nothing. */
export function endedContext(
  parts: Pick<IdempotencyContext, "key" | "tenant" | "signal" | "isReplay">,
): IdempotencyContext {
  return createContext({
    ...parts,
    downstreamKey: () => {
      // A key other than the handler's would cause another effect.
      throw new ConfigurationError(
        `idempotency: downstreamKey() was called in a hook, but ${ANSWERED} Call other services in the handler only.`,
      );
    },
    commit: () =>
      Promise.reject(
        new CommitError(
          `commit: it was called in a hook, but ${ANSWERED} Commit in the handler only.`,
        ),
      ),
    step: () => refuseStep("step"),
    commitStep: () => refuseStep("commitStep"),
  });
}

const ANSWERED = "the client gets a replay or a refusal, and the handler does not run.";

/**
 * The context of one handler call, with `idempotency`. It inherits from the given context, which the
 * layer never writes to. `{ ...context }` copies the members of both.
 */
export type WithIdempotency<Context> = Context & { readonly idempotency: IdempotencyContext };

/** The members of Lambda's context that the layer reads. */
export interface InvocationContext {
  readonly getRemainingTimeInMillis?: () => number;
  readonly functionName?: string;
  readonly awsRequestId?: string;
}
