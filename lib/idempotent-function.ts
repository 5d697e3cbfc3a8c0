import type { InvocationContext } from "./context.ts";
import { ConfigurationError } from "./errors.ts";
import { begin } from "./invocation/begin.ts";
import { addMembers, ownContext } from "./invocation/handler-context.ts";
import { blockLegacyResponses, checkHandler } from "./invocation/handler-shape.ts";
import type { Surface } from "./invocation/surface.ts";
import type { FunctionOptions, WithFunctionIdempotency } from "./value/options.ts";
import type { ValueOutput } from "./value/outputs.ts";
import { checkFunctionOptions, type FunctionSettings, resolveFunction } from "./value/settings.ts";
import { valueSurface } from "./value/surface.ts";
import { Thrown } from "./value/thrown.ts";

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
 * that died is taken over only after 15 minutes.
 *
 * @param run gets the input, and the context with {@link FunctionIdempotencyContext} at `idempotency`.
 * @param options see {@link FunctionOptions}.
 * @returns the function to call or to export.
 * @throws ConfigurationError when the function is wrapped, if an option is wrong; at a call, before the
 *   function runs, if the input has no JSON text or no tenant.
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
  checkHandler(run);
  if (run.length > 2) throw new ConfigurationError(`${where}: ${TAKES_CALLBACK}`);
  checkFunctionOptions(where, options);
  const settings = resolveFunction(where, options);
  const surface = valueSurface(settings);
  return (input, context) =>
    callOnce(settings, surface, run as RunOnce, input, context) as Promise<Result>;
}

const TAKES_CALLBACK =
  "the function declares a third parameter, as Lambda's callback is. A result that goes to a callback cannot be recorded. Make it an async function of the input and the context that returns its result.";

/** The function that a call runs once. */
export type RunOnce = (input: unknown, context: object) => unknown;

/** Calls a function under the key of its input. */
export async function callOnce(
  settings: FunctionSettings,
  surface: Surface<ValueOutput>,
  run: RunOnce,
  input: unknown,
  context: object | undefined,
): Promise<unknown> {
  // Before the first await: another call may change a shared context, and a failure must claim nothing.
  const own = ownContext(context);
  const blocked = blockLegacyResponses(own);
  const attempt = await begin(surface, settings, input, own as InvocationContext);
  if (attempt.sent !== undefined) return attempt.sent.response;
  let result: unknown;
  try {
    result = await run(input, addMembers(own, { ...blocked, idempotency: attempt.context }));
  } catch (error) {
    const replaced = await attempt.threw(new Thrown(error));
    if (replaced !== undefined) return replaced.response;
    throw error;
  }
  return attempt.returned(result);
}
