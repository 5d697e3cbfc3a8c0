import { clientErrorStatus } from "../protocol/outcome.ts";
import { gatewayError } from "./gateway-error.ts";
import type { EventFormat } from "./request.ts";
import type { HttpResponse } from "./response.ts";

/**
 * The response that stands in a record for an error of the handler. An error with a `statusCode` of 4xx
 * has the response that `@middy/http-error-handler` makes of it; any other has the gateway's.
 */
export function errorResponse(error: unknown, format: EventFormat): HttpResponse {
  const statusCode = clientErrorStatus(error);
  if (statusCode === undefined) return gatewayError(format);
  const { message = "", expose = true } = error as { message?: unknown; expose?: unknown };
  const headers = { "Content-Type": "text/plain" };
  return { statusCode, headers, body: expose === false ? "" : String(message) };
}
