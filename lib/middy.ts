/**
 * The Middy 7 middleware.
 *
 * @module
 */
import type { MiddlewareObj, Request } from "@middy/core";
import type { IdempotencyContext } from "./context.ts";
import type { ActiveAttempt, HandlerResult } from "./invocation/attempt.ts";
import { begin } from "./invocation/begin.ts";
import { cleanUpMiddlewares } from "./invocation/clean-up.ts";
import { ownContext } from "./invocation/handler-context.ts";
import { legacyAnswers, refuseStream } from "./invocation/handler-shape.ts";
import { type LateKeyCheck, watchForLateKey } from "./invocation/late-key.ts";
import type { IdempotencyOptions } from "./options.ts";
import { resolveSettings } from "./settings/settings.ts";

type Context = Request["context"];

/**
 * Makes a Middy handler safe to retry. It stores the answer as the middlewares behind it have shaped
 * it, and replays exactly that without running them.
 *
 * What must run on repeats too belongs in front: an authoriser, a logger, metrics. So do middlewares
 * whose hooks may return a value (a cache, an error handler): Middy stops there and runs no other hook, so
 * the claim would only end with its lease, and a retry after that executes again. No `after` runs on
 * replays, so for CORS wrap the handler instead: `middy(idempotent(handler, options)).use(cors())`.
 * docs/middlewares.md has the place of each kind.
 *
 * @throws ConfigurationError when the function starts, if an option is wrong.
 * @example
 * export const handler = middy()
 *   .use(idempotency({ store, tenant, profile: ietf() }))
 *   .handler(createTransfer);
 */
export function idempotency<Event = Unnamed>(
  options: IdempotencyOptions<Event, Context>,
): MiddlewareObj<Named<Event>, unknown, Error, Context & { idempotency: IdempotencyContext }> {
  const settings = resolveSettings(options);
  // By request, because Lambda can run several invocations in one process.
  const attempts = new WeakMap<object, Ongoing>();

  return {
    async before(request) {
      refuseStream(request.context);
      const attempt = await begin(settings, request.event, request.context);
      const added = { ...legacyAnswers(request.context), idempotency: attempt.context };
      request.context = ownContext(request.context, added);
      if (attempt.answer !== undefined) {
        await cleanUpMiddlewares(request);
        return attempt.answer;
      }
      const checkKey = watchForLateKey(settings, request.event);
      attempts.set(request, { attempt, answers: watchAnswers(request), checkKey });
      return undefined;
    },

    async after(request) {
      const ongoing = attempts.get(request);
      if (ongoing === undefined) return;
      const { attempt, answers, checkKey } = ongoing;
      request.response = await attempt.returned(request.response, answers.own());
      checkKey(request.event);
    },

    // Runs for every error, also for those of other middlewares. It sets no response, so that the
    // error goes on to whoever answers it, but where the record says something else.
    async onError(request) {
      const ongoing = attempts.get(request);
      const answer = await ongoing?.attempt.threw(request.error, ongoing.answers.beforeError());
      if (answer !== undefined) request.response = answer;
    },
  };
}

/**
 * The event of callbacks for which none was named. `use()` cannot tell a middleware the event of its
 * handler, and as `unknown` every callback would have to name it.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above; `idempotency<Event>()` is the typed form.
type Unnamed = any;

/** What the middleware says of the event: nothing where it was not named, so the handler keeps its own. */
type Named<Event> = unknown extends Event ? unknown : Event;

interface Ongoing {
  readonly attempt: ActiveAttempt;
  readonly answers: Answers;
  readonly checkKey: LateKeyCheck;
}

/** What has been answered in one request so far. */
interface Answers {
  /** What the handler returned. */
  own(): HandlerResult;
  /** What was to be answered when an error came; `undefined` if the handler had not answered. */
  beforeError(): { readonly result: unknown; readonly own: HandlerResult } | undefined;
}

/**
 * Watches what is answered in a request.
 *
 * An `after` of another middleware may throw once the handler has moved the money. To Middy that is
 * an error like any other; to release the claim then would repeat the effect. Middy clears
 * `request.response` and then sets `request.error`, so whatever was assigned to `response` before
 * the clearing was an answer, even if it was `undefined`:
 *
 *     handler throws                        response = undefined, error = …
 *     handler returns, an `after` throws    response = answer, response = undefined, error = …
 */
function watchAnswers(request: object): Answers {
  const responses: unknown[] = [];
  let answers = 0;
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
        answers = responses.length - 1;
      },
    },
  });
  const own = () => ({ result: responses[0] });
  return {
    own,
    beforeError: () => (answers > 0 ? { result: responses[answers - 1], own: own() } : undefined),
  };
}
