import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { HttpApi } from "./assembly/http-api.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import type { InvocationResult } from "./functions/environment.ts";
import { authorize } from "./gateway/authorize.ts";
import { functionEvent, type HttpRequest, readRequest, requestEvent } from "./gateway/event.ts";
import { gatewayMessage, type HttpResponse, toResponse } from "./gateway/response.ts";
import { matchRoute } from "./gateway/route-match.ts";
import { readBodyUpTo } from "./http/body.ts";
import { LOOPBACK, listen } from "./process/ports.ts";

/** Runs a function with an event in JSON. */
export type Invoke = (definition: FunctionDefinition, payload: string) => Promise<InvocationResult>;

export type Gateway = { url: string; close(): Promise<void> };

const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Lambda's limit for an event, which includes the body (a third longer in base64). */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/**
 * Serves an HTTP API on a loopback port, as API Gateway would.
 *
 * @param deployed returns the API as deployed at the time of a request.
 * @throws if the port is taken.
 */
export async function startGateway(
  deployed: () => HttpApi,
  invoke: Invoke,
  port: number,
): Promise<Gateway> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      await serve(deployed(), invoke, incoming, outgoing);
    } catch {
      // Either the function has no process, which was reported, or the client has gone.
      send(outgoing, gatewayMessage(500, "Internal Server Error"));
    }
  });
  const actualPort = await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${actualPort}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  api: HttpApi,
  invoke: Invoke,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const receivedMs = Date.now();
  const body = await readBodyUpTo(incoming, MAX_BODY_BYTES);
  const request = readRequest(incoming, body ?? Buffer.alloc(0), receivedMs);
  const response = body ? await answer(api, invoke, request) : tooLarge();
  outgoing.setHeader("apigw-requestid", request.id);
  send(outgoing, response);
}

function send(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

async function answer(api: HttpApi, invoke: Invoke, request: HttpRequest): Promise<HttpResponse> {
  const path = withoutStage(api.stage, request.path);
  const match = path === undefined ? undefined : matchRoute(api.routes, request.method, path);
  if (!match) return gatewayMessage(404, "Not Found");

  const { authorizer, function: target, integrationTimeoutMs } = match.route;
  const event = requestEvent(request, api, match);
  const authorization =
    authorizer &&
    (await authorize(authorizer, event, (payload) => invoke(authorizer.function, payload)));
  if (authorization?.refusal) return authorization.refusal;

  const payload = JSON.stringify(functionEvent(event, request.body, authorization?.context));
  if (Buffer.byteLength(payload) > MAX_EVENT_BYTES) return tooLarge();
  const result = await within(integrationTimeoutMs, invoke(target, payload));
  if (!result) return gatewayMessage(503, "Service Unavailable");
  if (result.outcome === "failed") return gatewayMessage(500, "Internal Server Error");
  return toResponse(result.payload);
}

/** The path below the stage, or `undefined` for a path outside the stage. */
function withoutStage(stage: string, path: string): string | undefined {
  if (stage === "$default") return path;
  if (path === `/${stage}`) return "/";
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined;
}

function tooLarge(): HttpResponse {
  return gatewayMessage(413, "Request Entity Too Large");
}

/** The result, or `undefined` after the time limit. A late function goes on. */
async function within<Result>(
  timeoutMs: number,
  result: Promise<Result>,
): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
