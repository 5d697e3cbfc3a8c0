import type { DurableLambdaHandler } from "@aws/durable-execution-sdk-js";
import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";

/** One call of a durable function by AWS's local runner. */
export type Invoke = (event: Invocation[0], context: Invocation[1]) => Promise<Response>;
type Invocation = Parameters<DurableLambdaHandler>;
type Response = Awaited<ReturnType<DurableLambdaHandler>>;

/**
 * Takes the place of Lambda between the runner and the function.
 *
 * @param number of the invocation of this execution, from 1.
 */
export type Lambda = (
  invoke: () => Promise<Response>,
  invocation: { readonly number: number; readonly arn: string },
) => Promise<Response>;

const plainly: Lambda = (invoke) => invoke();

/**
 * Runs one durable execution in AWS's local runner, with real waits. Each invocation gets a context object
 * of its own, as on Lambda.
 */
export async function runExecution<Output = unknown>(
  handler: DurableLambdaHandler,
  payload: unknown,
  lambda: Lambda = plainly,
) {
  let number = 0;
  const invoked: Invoke = (event, context) => {
    number += 1;
    const { DurableExecutionArn: arn } = event as { DurableExecutionArn: string };
    return lambda(() => handler(event, { ...context }), { number, arn });
  };
  const runner = new LocalDurableTestRunner<Output>({
    handlerFunction: invoked as DurableLambdaHandler,
  });
  const execution = await runner.run({ payload });
  return { execution, invocations: number };
}

/** Fails the invocation as Lambda does after an error, and invokes the function again. */
export const retryOnce: Lambda = async (invoke) => invoke().catch(() => invoke());

/** Calls `during` whenever an invocation has ended and its execution waits. */
export function duringWaits(during: () => Promise<unknown>): Lambda {
  return async (invoke) => {
    const response = await invoke();
    if ((response as { Status?: string }).Status === "PENDING") await during();
    return response;
  };
}
