/**
 * The Middy 7 middlewares.
 *
 * @module
 */
import type { MiddlewareObj, Request } from "@middy/core";
import type { IdempotencyContext, InvocationContext } from "./context.ts";
import { type LateKeyCheck, watchForLateKey } from "./http/surface/late-key.ts";
import { httpSurface } from "./http/surface/surface.ts";
import type { ActiveAttempt, Attempt, HandlerResult } from "./invocation/attempt.ts";
import { begin } from "./invocation/begin.ts";
import { cleanUpMiddlewares } from "./invocation/clean-up.ts";
import { refuseDurable } from "./invocation/durable.ts";
import { addMembers, ownContext } from "./invocation/handler-context.ts";
import { blockLegacyResponses, refuseStream } from "./invocation/handler-shape.ts";
import type { IdempotencyOptions } from "./options.ts";
import { isMiddyTimeout } from "./protocol/outcome.ts";
import { resolveSettings } from "./settings/settings.ts";
import { refuseBatch } from "./value/known-inputs.ts";
import type { FunctionIdempotencyContext, FunctionOptions } from "./value/options.ts";
import { checkFunctionOptions, resolveFunction } from "./value/settings.ts";
import { valueSurface } from "./value/surface.ts";
import { Thrown } from "./value/thrown.ts";

type Context = Request["context"];

/**
 * Makes a Middy handler safe to retry. The record stores the response as the middlewares behind this
 * one have shaped it. A replay is that response, and does not run them.
 *
 * Register in front of this middleware:
 *
 * - middlewares that must run on repeats too: an authoriser, a logger, metrics;
 * - middlewares with a hook that may return a value: a cache, an error handler. Middy runs no further hook
 *   after a returned value. Behind this middleware, such a hook would leave the claim to its lease,
 *   and a retry after that would execute again.
 *
 * No `after` hook runs on a replay. For CORS wrap the handler instead:
 * `middy(idempotent(handler, options)).use(cors())`. docs/middlewares.md has the place of each kind.
 *
 * @param options see `IdempotencyOptions`. Name the event type, `idempotency<Event>(…)`, for callbacks with a
 *   typed event.
 * @throws ConfigurationError when the function starts, if an option is wrong; at a request, if the event is
 *   not an HTTP request or has no tenant.
 * @example
 * export const handler = middy()
 *   .use(idempotency({ store, tenant, profile: ietf() }))
 *   .handler(createTransfer);
 */
export function idempotency<Event = AnyEvent>(
  options: IdempotencyOptions<Event, Context>,
): MiddlewareObj<
  DeclaredEvent<Event>,
  unknown,
  Error,
  Context & { idempotency: IdempotencyContext }
> {
  const settings = resolveSettings(options);
  const surface = httpSurface(settings);
  return createMiddleware({
    begin: (event, context) => begin(surface, settings, event, context),
    watch: (event) => watchForLateKey(settings, event),
    asThrown: (error) => error,
  });
}

/**
 * Makes a Middy handler of one event that is no HTTP request safe to call again: an event of EventBridge,
 * SNS, S3 or Scheduler, an asynchronous invocation, one record of a batch. The counterpart of
 * `idempotentFunction`; register it as {@link idempotency}. For batches wrap the handler:
 * `middy(idempotentBatch(handler, options))`.
 *
 * @param options see `FunctionOptions`. The option `same` gets the event as the middlewares in front have
 *   left it: behind a parser, give a function that returns the parsed data.
 * @throws ConfigurationError when the function starts, if an option is wrong; at a call, if the event is a
 *   whole batch, or has no JSON text or no tenant.
 * @throws IdempotencyRefused at a call, for the `onError` hooks, if the handler does not run and there is no
 *   result in its place.
 * @example
 * export const handler = middy()
 *   .use(functionIdempotency({ store, name: "pay order", singleTenant: true, key: ({ detail }) => detail.orderId }))
 *   .handler(payOrder);
 */
export function functionIdempotency<Event = AnyEvent>(
  options: FunctionOptions<Event, Context>,
): MiddlewareObj<
  DeclaredEvent<Event>,
  unknown,
  Error,
  Context & { idempotency: FunctionIdempotencyContext }
> {
  const where = "functionIdempotency";
  checkFunctionOptions(where, options);
  const settings = resolveFunction(where, options);
  const surface = valueSurface(settings);
  return createMiddleware({
    begin(event, context) {
      refuseBatch(settings.name, event);
      return begin(surface, settings, event, context);
    },
    watch: () => () => {},
    // Middy's own time-out must be recognised: the handler may still be running.
    asThrown: (error) => (isMiddyTimeout(error) ? error : new Thrown(error)),
  });
}

/** The parts in which the middlewares differ. */
interface MiddlewareParts {
  readonly begin: (event: unknown, context: InvocationContext) => Promise<Attempt>;
  readonly watch: (event: unknown) => LateKeyCheck;
  /** The error in the form in which an attempt judges it. */
  readonly asThrown: (error: unknown) => unknown;
}

function createMiddleware({
  begin,
  watch,
  asThrown,
}: MiddlewareParts): MiddlewareObj<AnyEvent, AnyEvent, Error, AnyEvent> {
  // One entry for each request, because Lambda can run several invocations in one process.
  const activeRequests = new WeakMap<object, ActiveRequest>();

  return {
    async before(request) {
      refuseStream(request.context);
      refuseDurable(request.context, IN_DURABLE);
      // Before the first await: another call may change a shared context, and a failure must claim nothing.
      const own = ownContext(request.context);
      const blocked = blockLegacyResponses(own);
      const attempt = await begin(request.event, own);
      request.context = addMembers(own, { ...blocked, idempotency: attempt.context });
      if (attempt.sent !== undefined) {
        await cleanUpMiddlewares(request);
        // Middy takes a returned `undefined`, the result of many functions, for no response.
        request.earlyResponse = attempt.sent.response;
        return attempt.sent.response;
      }
      const checkKey = watch(request.event);
      activeRequests.set(request, { attempt, responses: watchResponses(request), checkKey });
      return undefined;
    },

    async after(request) {
      const active = activeRequests.get(request);
      if (active === undefined) return;
      const { attempt, responses, checkKey } = active;
      request.response = await attempt.returned(request.response, responses.own());
      checkKey(request.event);
    },

    // Runs for every error, also of other middlewares. It sets a response only where the record
    // contradicts the error. Any other error goes on to the error handler.
    async onError(request) {
      const active = activeRequests.get(request);
      const error = asThrown(request.error);
      const replaced = await active?.attempt.threw(error, active.responses.beforeError());
      if (replaced !== undefined) request.response = replaced.response;
    },
  };
}

const IN_DURABLE =
  "idempotency: the middleware runs in a durable execution, whose replays run every hook again, around a response that is not recorded yet. Nothing was executed. Wrap the handler: middy(idempotent(handler, options), { executionMode: executionModeDurableContext }).";

/**
 * The event type of callbacks without a named one. `use()` cannot infer the event of the handler, and
 * with `unknown` every callback would have to name its event type.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above; `idempotency<Event>()` is the typed form.
type AnyEvent = any;

/** The event type that the middleware declares: none for `AnyEvent`, so that the handler keeps its own. */
type DeclaredEvent<Event> = unknown extends Event ? unknown : Event;

interface ActiveRequest {
  readonly attempt: ActiveAttempt;
  readonly responses: ResponseHistory;
  readonly checkKey: LateKeyCheck;
}

/** The responses that one request has had so far. */
interface ResponseHistory {
  /** The first response, which is the handler's result. */
  own(): HandlerResult;
  /** The last response before an error; `undefined` if there was none. */
  beforeError(): { readonly result: unknown; readonly own: HandlerResult } | undefined;
}

/**
 * Records every response that is assigned in a request.
 *
 * An `after` hook of another middleware may throw after the handler has moved the money. Middy treats
 * that as any other error, but to release the claim then would repeat the effect. Middy clears
 * `request.response` and then sets `request.error`, so a value that was assigned before the clearing
 * was a response, even if it was `undefined`:
 *
 *     handler throws                        response = undefined, error = …
 *     handler returns, an `after` throws    response = result, response = undefined, error = …
 */
function watchResponses(request: object): ResponseHistory {
  const responses: unknown[] = [];
  let countBeforeError = 0;
  let error: unknown;
  Object.defineProperties(request, {
    response: {
      enumerable: true,
      get: () => responses.at(-1),
      set: (response: unknown) => responses.push(response),
    },
    error: {
      enumerable: true,
      get: () => error,
      set(thrown: unknown) {
        error = thrown;
        countBeforeError = responses.length - 1;
      },
    },
  });
  const own = () => ({ result: responses[0] });
  return {
    own,
    beforeError: () =>
      countBeforeError > 0 ? { result: responses[countBeforeError - 1], own: own() } : undefined,
  };
}
