import type { InvocationContext, WithIdempotency } from "./context.ts";
import type { LayerResponse } from "./http/layer-response.ts";
import { httpSurface } from "./http/surface/surface.ts";
import { begin } from "./invocation/begin.ts";
import { addMembers, ownContext } from "./invocation/handler-context.ts";
import {
  blockCallback,
  blockLegacyResponses,
  checkCall,
  checkHandler,
  checkReturned,
  refuseStreaming,
} from "./invocation/handler-shape.ts";
import type { IdempotencyOptions } from "./options.ts";
import { resolveSettings } from "./settings/settings.ts";

/**
 * Makes a Lambda handler behind API Gateway, a function URL or a load balancer safe to retry.
 *
 * The first request under a key runs the handler; every repeat gets a replay of its response. The
 * profile defines which requests are repeats, and the response to a repeat. In
 * `middy(idempotent(handler, options))` every hook of Middy runs on first responses and on replays.
 *
 * The record stores a returned 2xx, 3xx or 4xx, except 401, 407, 408, 425 and 429. After any other
 * response the same request may be tried again. An error that the handler throws goes on unchanged; a
 * `statusCode` of 4xx on it says that the handler refused the request before any effect, and frees the
 * key. A profile may decide otherwise with its `outcome`.
 *
 * @param handler returns its response, or a promise of it, and finds the {@link IdempotencyContext} at
 *   `context.idempotency`.
 * @param options see {@link IdempotencyOptions}.
 * @returns the handler to export.
 * @throws ConfigurationError when the function starts, if an option is wrong or the handler streams its
 *   response; at a call, before the claim, if the handler takes a callback, the event is not an HTTP
 *   request, or the request has no tenant.
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
  // Inferred from the type that the result is assigned to, for example `APIGatewayProxyHandler`.
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
  const surface = httpSurface(settings);
  return refuseStreaming(async (event: Event, context: Context, ...rest: Rest) => {
    checkCall(handler, context, rest);
    const signal = (rest[0] as { signal?: AbortSignal } | undefined)?.signal;
    // Before the first await: another call may change a shared context, and a failure must claim nothing.
    const own = ownContext(context);
    const blocked = blockLegacyResponses(own);
    const attempt = await begin(surface, settings, event, own as InvocationContext, signal);
    if (attempt.sent !== undefined) return attempt.sent.response as Replaced;
    const withIdempotency = addMembers(own, { ...blocked, idempotency: attempt.context });
    let returned: Result | Promise<Result>;
    let result: Result;
    try {
      returned = handler(event, withIdempotency, ...blockCallback(rest));
      result = await returned;
    } catch (error) {
      const replaced = await attempt.threw(error);
      if (replaced !== undefined) return replaced.response as Replaced;
      throw error;
    }
    // After a refusal here the claim ends with its lease: the handler may still work, and call back.
    checkReturned(returned, rest);
    return (await attempt.returned(result)) as Result | Replaced;
  });
}
