import type { InvocationContext } from "../context.ts";
import { ConfigurationError } from "../errors.ts";
import { begin } from "../invocation/begin.ts";
import { addMembers, ownContext } from "../invocation/handler-context.ts";
import { blockLegacyResponses, checkHandler } from "../invocation/handler-shape.ts";
import type { Surface } from "../invocation/surface.ts";
import type { ValueOutput } from "./outputs.ts";
import type { FunctionSettings } from "./settings.ts";
import { Thrown } from "./thrown.ts";

/**
 * Refuses a value that is no function, and a function that takes a callback.
 *
 * @throws ConfigurationError
 */
export function checkFunction(where: string, run: unknown): void {
  checkHandler(run, where, "Give an async function that returns its result.");
  if ((run as RunOnce).length > 2) throw new ConfigurationError(`${where}: ${TAKES_CALLBACK}`);
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
  // As a callback of a list's method, a function gets an index.
  const own = ownContext(typeof context === "object" ? context : undefined);
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
