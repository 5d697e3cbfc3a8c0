import type { InvocationContext } from "./context.ts";
import { callOnce, checkFunction, type RunOnce } from "./value/call-once.ts";
import { refuseBatch } from "./value/known-inputs.ts";
import type { FunctionOptions, WithFunctionIdempotency } from "./value/options.ts";
import { checkFunctionOptions, resolveFunction } from "./value/settings.ts";
import { valueSurface } from "./value/surface.ts";

/**
 * Makes any asynchronous function safe to call again: a whole Lambda handler for one event (EventBridge,
 * SNS, S3, Scheduler, Step Functions, AppSync, an asynchronous invocation), a part of a handler, a tool of
 * an agent. The first call under a key runs the function; every repeat gets its result.
 *
 * A result is recorded as its JSON text says it, and every call gets it so. An error that the function
 * throws goes on unchanged, and the next call tries again, unless the contract's `outcome` says that
 * errors are final. For HTTP events use {@link idempotent}, for batches {@link idempotentBatch}.
 *
 * Give the invocation's context, as Lambda does: its remaining time bounds the lease. Without it a call
 * that died is taken over only after 15 minutes, and a call has to end within them.
 *
 * @param run gets the input, and the context with {@link FunctionIdempotencyContext} at `idempotency`.
 * @param options see {@link FunctionOptions}.
 * @returns the function to call or to export.
 * @throws ConfigurationError when the function is wrapped, if an option is wrong; at a call, before the
 *   function runs, if the input is a whole batch, or has no JSON text or no tenant.
 * @throws IdempotencyRefused at a call, if the function does not run and there is no result in its place.
 * @example
 * export const handler = idempotentFunction(
 *   async ({ detail }: EventBridgeEvent<"Order", Order>, { idempotency }) => {
 *     const payment = await bank.pay(detail, { idempotencyKey: idempotency.downstreamKey("pay") });
 *     return { paymentId: payment.id };
 *   },
 *   {
 *     store: dynamoDbStore({ tableName: "idempotency" }),
 *     name: "pay order",
 *     singleTenant: true,
 *     key: ({ detail }) => detail.orderId,
 *   },
 * );
 */
export function idempotentFunction<Input, Result, Context extends object = InvocationContext>(
  run: (input: Input, context: WithFunctionIdempotency<Context>) => Result | Promise<Result>,
  options: FunctionOptions<Input, Context>,
): (input: Input, context?: Context) => Promise<Result> {
  const where = "idempotentFunction";
  checkFunction(where, run);
  checkFunctionOptions(where, options);
  const settings = resolveFunction(where, options);
  const surface = valueSurface(settings);
  return async (input, context) => {
    refuseBatch(settings.name, input);
    return callOnce(settings, surface, run as RunOnce, input, context) as Promise<Result>;
  };
}
