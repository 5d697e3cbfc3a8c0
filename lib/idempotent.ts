import type { InvocationContext, WithIdempotency } from "./context.ts";
import { begin } from "./invocation/begin.ts";
import { ownContext } from "./invocation/handler-context.ts";
import {
  checkCall,
  checkHandler,
  checkReturned,
  handedOn,
  legacyAnswers,
  refuseStreaming,
} from "./invocation/handler-shape.ts";
import type { LayerResponse } from "./invocation/layer-response.ts";
import type { IdempotencyOptions } from "./options.ts";
import { resolveSettings } from "./settings/settings.ts";

/**
 * Makes a Lambda handler behind API Gateway, a function URL or a load balancer safe to retry.
 *
 * The first request under a key runs the handler; every repeat gets the same answer from the
 * record. What counts as a repeat, and what it gets, is the profile's promise. Inside
 * `middy(idempotent(handler, options))` every hook of Middy runs on first answers and on replays.
 *
 * A returned answer is stored (2xx, 3xx and 4xx, but 408, 425, 429), any other is not, and the same
 * request may be tried again. An error that the handler throws goes on unchanged; with a
 * `statusCode` of 4xx it says that the request was refused before it began, and frees the key.
 *
 * @throws ConfigurationError when the function starts, if an option is wrong, or the handler streams its
 *   response; at a call, before anything is claimed, if the handler answers by a callback.
 * @example
 * export const handler: APIGatewayProxyHandlerV2WithLambdaAuthorizer<Principal> = idempotent(createTransfer, {
 *   store: dynamoDbStore({ tableName: "idempotency" }),
 *   tenant: (event) => event.requestContext.authorizer.lambda.accountHolder,
 *   profile: dwolla(),
 * });
 */
export function idempotent<
  Event,
  Context extends object,
  Result,
  Rest extends unknown[],
  // Found from the type that the result is assigned to, as `APIGatewayProxyHandler`.
  Replaced = LayerResponse<Result>,
>(
  handler: (
    event: Event,
    context: WithIdempotency<Context>,
    ...rest: Rest
  ) => Result | Promise<Result>,
  options: IdempotencyOptions<Event, Context>,
): (event: Event, context: Context, ...rest: Rest) => Promise<Result | Replaced> {
  checkHandler(handler);
  const settings = resolveSettings(options);
  return refuseStreaming(async (event: Event, context: Context, ...rest: Rest) => {
    checkCall(handler, context, rest);
    const signal = (rest[0] as { signal?: AbortSignal } | undefined)?.signal;
    const attempt = await begin(settings, event, (context ?? {}) as InvocationContext, signal);
    if (attempt.answer !== undefined) return attempt.answer as Replaced;
    const added = { ...legacyAnswers(context), idempotency: attempt.context };
    const withIdempotency = ownContext(context, added);
    let returned: Result | Promise<Result>;
    let result: Result;
    try {
      returned = handler(event, withIdempotency, ...handedOn(rest));
      result = await returned;
    } catch (error) {
      const answer = await attempt.threw(error);
      if (answer !== undefined) return answer as Replaced;
      throw error;
    }
    // Its claim is left to its lease: the work may go on, and call back.
    checkReturned(returned, rest);
    return (await attempt.returned(result)) as Result | Replaced;
  });
}
