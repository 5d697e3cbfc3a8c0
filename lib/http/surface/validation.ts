import { ConfigurationError } from "../../errors.ts";
import type { RefusedByRules } from "../../invocation/surface.ts";
import type { Settings } from "../../settings/settings.ts";
import type { HttpResponse } from "../response.ts";
import { readCommitted } from "../result.ts";

/**
 * Asks the option `validate`.
 *
 * @returns `undefined` = the request is valid.
 * @throws ConfigurationError if the option returns no valid response.
 */
export async function findRefusal(
  validateEvent: NonNullable<Settings["validate"]>,
  event: unknown,
): Promise<RefusedByRules<HttpResponse> | undefined> {
  let result: unknown;
  try {
    result = await validateEvent(event);
  } catch (error) {
    return { error };
  }
  if (result === undefined) return undefined;
  // An HTTP API makes a 200 of a value without a status, which would tell the client of a success.
  const read = readCommitted(result);
  if ("fault" in read) {
    const { problem, remedy } = read.fault;
    throw new ConfigurationError(
      `idempotency: the result of validate is neither undefined, for a valid request, nor a response: ${problem}. ${remedy}`,
    );
  }
  const { response } = read;
  return { output: response, statusCode: response.statusCode };
}
