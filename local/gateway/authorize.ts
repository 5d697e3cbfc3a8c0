import type { Authorizer } from "../assembly/http-api.ts";
import type { InvocationResult } from "../functions/environment.ts";
import { authorizerEvent, type RequestEvent } from "./event.ts";
import { gatewayMessage, type HttpResponse } from "./response.ts";

/** An authorizer's decision: the context for the event, or the response that refuses the request. */
export type Authorization =
  | { context: Record<string, unknown>; refusal?: never }
  | { refusal: HttpResponse };

/**
 * Asks a route's authorizer. It is called for every request, because this gateway caches no results,
 * unless the request lacks one of its identity sources.
 */
export async function authorize(
  authorizer: Authorizer,
  event: RequestEvent,
  invoke: (payload: string) => Promise<InvocationResult>,
): Promise<Authorization> {
  const identity = authorizer.identitySources.map((source) => readIdentity(source, event));
  if (!identity.every(Boolean)) return { refusal: gatewayMessage(401, "Unauthorized") };
  const payload = JSON.stringify(authorizerEvent(event, identity as string[]));
  return judge(await invoke(payload));
}

function judge({ outcome, payload }: InvocationResult): Authorization {
  const answer = outcome === "returned" ? JSON.parse(payload) : undefined;
  if (typeof answer?.isAuthorized !== "boolean") {
    return { refusal: gatewayMessage(500, "Internal Server Error") };
  }
  if (!answer.isAuthorized) return { refusal: gatewayMessage(403, "Forbidden") };
  return { context: answer.context ?? {} };
}

/** The value of `$request.header.Name` or `$request.querystring.name`. */
function readIdentity(source: string, event: RequestEvent): string | undefined {
  const [, place, name = ""] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  return place === "header"
    ? event.headers[name.toLowerCase()]
    : event.queryStringParameters?.[name];
}
