import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readBody } from "../http/body.ts";
import { LOOPBACK, listen } from "../process/ports.ts";

/** One invocation as the runtime receives it. */
export type Invocation = {
  requestId: string;
  /** The event as JSON. */
  payload: string;
  /** The time at which the function is killed, in milliseconds since the epoch. */
  deadlineMs: number;
  functionArn: string;
};

/** The reports of a runtime. */
export type RuntimeListener = {
  /** The runtime waits for an invocation, so the previous invocation has ended. */
  onNext(): void;
  onResponse(requestId: string, payload: string): void;
  /** The handler failed. `payload` is the JSON that Lambda gives to the invoker. */
  onError(requestId: string, payload: string): void;
  /** The handler could not be loaded. */
  onInitError(payload: string): void;
};

/** The server's end of Lambda's Runtime API for one execution environment. */
export type RuntimeApi = {
  /** `host:port` for `AWS_LAMBDA_RUNTIME_API`. A runtime takes no path, so each API has its own port. */
  address: string;
  /** Hands an invocation to the runtime, which must be waiting. */
  send(invocation: Invocation): void;
  close(): void;
};

const PREFIX = "/2018-06-01/runtime";
const RESULT_PATH = new RegExp(`^${PREFIX}/invocation/([^/]+)/(response|error)$`);

/**
 * Starts a Runtime API, version 2018-06-01.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined;

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "";
    if (path === `${PREFIX}/invocation/next`) {
      waiting = outgoing;
      return listener.onNext();
    }
    const payload = (await readBody(incoming)).toString();
    const [, requestId, result] = RESULT_PATH.exec(path) ?? [];
    if (path === `${PREFIX}/init/error`) listener.onInitError(payload);
    else if (requestId && result === "response") listener.onResponse(requestId, payload);
    else if (requestId) listener.onError(requestId, payload);
    else return void outgoing.writeHead(404).end();
    outgoing.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
  }

  const port = await listen(server);
  return {
    address: `${LOOPBACK}:${port}`,
    send: (invocation) => {
      waiting?.writeHead(200, invocationHeaders(invocation)).end(invocation.payload);
      waiting = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function invocationHeaders(invocation: Invocation): Record<string, string> {
  return {
    "content-type": "application/json",
    "lambda-runtime-aws-request-id": invocation.requestId,
    "lambda-runtime-deadline-ms": String(invocation.deadlineMs),
    "lambda-runtime-invoked-function-arn": invocation.functionArn,
  };
}
