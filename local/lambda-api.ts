import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { InvocationResult } from "./functions/environment.ts";
import { readBody } from "./http/body.ts";
import { LOOPBACK, listen } from "./process/ports.ts";

/** The part of Lambda's own API by which functions invoke each other. */
export type LambdaApi = { endpoint: string; close(): Promise<void> };

/** Invokes a function by its name or its ARN; `undefined` if there is no such function. */
export type InvokeByName = (name: string, payload: string) => Promise<InvocationResult> | undefined;

/** Serves `Invoke`, synchronously. */
export async function startLambdaApi(invoke: InvokeByName): Promise<LambdaApi> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, invoke).catch(() => outgoing.destroy());
  });
  // A frozen function cannot see that a connection is closed, and would use it after the thaw.
  server.keepAliveTimeout = 0;
  return {
    endpoint: `http://${LOOPBACK}:${await listen(server, 0)}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  invoke: InvokeByName,
): Promise<void> {
  const payload = (await readBody(incoming)).toString();
  const [, name = ""] =
    /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(incoming.url ?? "") ?? [];
  const result = await invoke(decodeURIComponent(name), payload);
  if (result === undefined) {
    outgoing.writeHead(404, { "x-amzn-errortype": "ResourceNotFoundException" });
    outgoing.end(JSON.stringify({ Message: `Function not found: ${name}` }));
    return;
  }
  outgoing.writeHead(200, {
    "content-type": "application/json",
    ...(result.outcome === "failed" && { "x-amz-function-error": "Unhandled" }),
  });
  outgoing.end(result.payload);
}
