import { CommitError, ConfigurationError } from "./errors.ts";
import type { HttpResponse } from "./http/response.ts";
import type { LayerResponse } from "./invocation/layer-response.ts";
import type { RunStep } from "./invocation/step.ts";
import type { TransactWrite } from "./protocol/transact-write.ts";

/** What a handler finds at `context.idempotency`. */
export interface IdempotencyContext {
  /**
   * The key that the client sent. `undefined` if it sent none and the profile lets that pass, and
   * where a completer finishes the request: the key is not kept.
   */
  readonly key: string | undefined;
  /**
   * A number that grows with every claim of this key: written on an item under the condition
   * `lastFence < :fence` it keeps out an execution that was replaced. `undefined` without a key,
   * and with `claimAt: "commit"`.
   */
  readonly fence: number | undefined;
  /**
   * The id for what the request creates, under a profile with entities: the same on every attempt.
   * `undefined` otherwise, and without a key.
   */
  readonly entityId: string | undefined;
  /**
   * Aborted shortly before Lambda's time-out: in `middy(idempotent(…))` when Middy gives up waiting for
   * the handler, otherwise when no more than `leaseMarginMs`, or half of the time, is left.
   */
  readonly signal: AbortSignal;
  /**
   * Whether the response comes from the record. For Middy's `requestEnd`, around the middleware. The
   * context of hooks around the wrapper is not the handler's: they see a replay by its header.
   */
  readonly isReplay: boolean;
  /**
   * A key for a call to somebody else, the same on every attempt of this request: a downstream that
   * dedups by it is charged once, however often this function is retried.
   *
   * @param name what the call is for; unique within the handler.
   * @throws ConfigurationError in hooks, where the request was answered without its handler: there
   *   is nothing that the call could be part of.
   * @example
   * await bank.charge({ idempotencyKey: context.idempotency.downstreamKey("charge"), amountMinor });
   */
  downstreamKey(name: string): string;
  /**
   * Runs one step of the work once, over all executions of this request, under a profile that
   * resumes (`orzcash()`). What the step came to is recorded; when the request is resumed after a
   * crash, a time-out or an error, the record says what it was, and the step does not run again.
   *
   * The step's effect and its record are one transaction where the step commits (`step.commit`).
   * Otherwise the process may die between them, so give the call that has the effect the step's
   * `downstreamKey`. Steps run one after the other, under names and in an order that depend on the
   * request alone.
   *
   * @param name unique within the handler.
   * @param run does it. It returns plain data, which every execution sees as its JSON text says it.
   * @throws whatever `run` throws; the step is not recorded then.
   * @throws StepError if the record holds other steps than the handler asks for, or the result
   *   cannot be recorded.
   * @throws StepInterrupted if the claim was lost, or nobody knows whether the step was recorded.
   * @example
   * const payment = await context.idempotency.step("bank", ({ downstreamKey }) =>
   *   bank.pay(order, { idempotencyKey: downstreamKey }),
   * );
   */
  step<Result>(name: string, run: RunStep<Result>): Promise<Result>;
  /**
   * Applies the writes and records the answer, in one DynamoDB transaction: either both are there,
   * or neither. Return what it returns, at once: the given response, or, where another execution of
   * this request was first, the answer that a repeat gets.
   *
   * A business condition that fails throws `CommitRefused`; nothing was written, and the handler
   * answers what it means. Collisions are sent again while there is time.
   *
   * @param writes up to 99 items of a `TransactWriteCommand` of `@aws-sdk/lib-dynamodb`.
   * @param response what the client gets, now and on every repeat.
   * @throws CommitRefused if the condition of a write failed.
   * @throws CommitError if the writes can never be applied, or the response cannot be stored: it has
   *   no status from 100 to 599, its body is no text, or it is a 401 or 407. Nothing was written then.
   * @example
   * return context.idempotency.commit([{ Update: debit }, { Update: credit }], { statusCode: 201 });
   */
  commit<Response extends HttpResponse>(
    writes: readonly TransactWrite[],
    response: Response,
  ): Promise<LayerResponse<Response>>;
  /**
   * Marks the answer as given before anything began, whatever its status: the key is unused again.
   * Return what it returns: the mark belongs to this object, and a copy does not have it. Of
   * `reject` and `final` on one object the last counts.
   *
   * @throws ConfigurationError if the response is no object, or a promise.
   * @throws StepError if a step of the request has run: it has begun.
   * @example
   * if (!isValid(order)) return context.idempotency.reject({ statusCode: 422, body: "…" });
   */
  reject<Response extends HttpResponse>(response: Response): Response;
  /**
   * Marks the answer as final, whatever its status: it is stored, and every repeat gets it. For a
   * 5xx that no other attempt can change. Return what it returns: the mark belongs to this object, and
   * a copy does not have it. Only so a 401 or 407 is stored, without its challenge.
   *
   * @throws ConfigurationError if the response is no object, or a promise.
   * @example
   * if (isClosedForEver) return context.idempotency.final({ statusCode: 500, body: "…" });
   */
  final<Response extends HttpResponse>(response: Response): Response;
}

/** What a context is made of. */
interface ContextParts
  extends Pick<IdempotencyContext, "signal" | "downstreamKey" | "step">,
    Partial<Pick<IdempotencyContext, "key" | "fence" | "entityId" | "isReplay">> {
  readonly commit: (
    writes: readonly TransactWrite[],
    response: HttpResponse,
  ) => Promise<HttpResponse>;
  readonly onReject?: (response: HttpResponse) => void;
  readonly onFinal?: (response: HttpResponse) => void;
}

/** Makes what the handler finds at `context.idempotency`. */
export function createContext({
  onReject,
  onFinal,
  commit,
  ...parts
}: ContextParts): IdempotencyContext {
  return {
    key: undefined,
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

/** A mark belongs to one object: a text cannot carry it, and a promise is another value. */
function checkMarked(mark: "reject" | "final", response: unknown): void {
  const isObject = typeof response === "object" && response !== null;
  if (isObject && typeof (response as { then?: unknown }).then !== "function") return;
  const found = isObject ? "a promise; await it first" : `${String(response)}; expected an object`;
  throw new ConfigurationError(
    `idempotency: ${mark}() got ${found}. Mark the response itself, { statusCode, headers, body }, and return it.`,
  );
}

/** What hooks find where the request is answered without its handler: nothing is left to be done. */
export function answeredContext(
  parts: Pick<IdempotencyContext, "key" | "signal" | "isReplay">,
): IdempotencyContext {
  return createContext({
    ...parts,
    downstreamKey: () => {
      // Another key than the handler's would be another effect.
      throw new ConfigurationError(
        `idempotency: downstreamKey() in a hook: ${ANSWERED} Call others in the handler only.`,
      );
    },
    commit: () => Promise.reject(new CommitError(`commit: ${ANSWERED}`)),
    step: () => Promise.reject(new ConfigurationError(`idempotency: step() in vain: ${ANSWERED}`)),
  });
}

const ANSWERED = "the request was answered without the handler.";

/**
 * The context of one handler call, with `idempotency`. It inherits from the given one, which is
 * never written to; `{ ...context }` copies both.
 */
export type WithIdempotency<Context> = Context & { readonly idempotency: IdempotencyContext };

/** What is used of Lambda's context. */
export interface InvocationContext {
  readonly getRemainingTimeInMillis?: () => number;
  readonly functionName?: string;
  readonly awsRequestId?: string;
}
