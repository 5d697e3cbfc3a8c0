import type { IdempotencyContext } from "../context.ts";

/** The result of the handler, before any hook. */
export interface HandlerResult {
  readonly result: unknown;
}

/** A response in the form that the caller takes, in place of the handler's result or error. */
export interface Sent {
  readonly response: unknown;
}

/**
 * One invocation's way through the layer: begun before the handler, ended with the handler's result or error.
 * The wrappers and the middlewares all take it; none has a life cycle of its own.
 */
export type Attempt = EndedAttempt | ActiveAttempt;

/** The handler must not run, so there is nothing to end. */
export interface EndedAttempt {
  readonly sent: Sent;
  readonly context: IdempotencyContext;
}

/** The handler runs, and how it ends is to be told. */
export interface ActiveAttempt {
  readonly sent?: undefined;
  /** The value of `context.idempotency` in the handler. */
  readonly context: IdempotencyContext;
  /**
   * The handler returned. Settles the claim, once.
   *
   * @param own the handler's own result, where other middlewares may have shaped it since.
   * @returns the response to send, in the form that the caller takes.
   */
  returned(result: unknown, own?: HandlerResult): Promise<unknown>;
  /**
   * The handler threw, or a hook after it. Settles the claim, once; the error goes on unchanged.
   *
   * @param sent the response that was about to be sent when a hook threw.
   * @returns a response in place of the error, where it would say something else than the record: the
   *   request is a repeat that only the record knew (`claimAt: "commit"`), its commit or a step could not be
   *   recorded, or a 4xx would deny a committed or recorded effect.
   */
  threw(
    error: unknown,
    sent?: { readonly result: unknown; readonly own: HandlerResult },
  ): Promise<Sent | undefined>;
}
