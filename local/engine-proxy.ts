import { createServer, type IncomingMessage } from "node:http";
import { readBody } from "./http/body.ts";
import { connect, type Upstream, type UpstreamAnswer } from "./http/upstream.ts";
import { LOOPBACK, listen } from "./process/ports.ts";

/** A whole request of a client, on its way to the engine. */
export interface ProxiedRequest {
  readonly incoming: IncomingMessage;
  readonly bytes: Buffer;
}

/**
 * Decides the client's answer to a request. `undefined`, or an error, breaks the connection, as if the
 * answer was lost.
 */
export type ServeRequest = (
  request: ProxiedRequest,
  engine: Upstream,
) => Promise<UpstreamAnswer | undefined>;

export interface EngineProxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts an HTTP proxy before the engine at this URL. */
export async function startEngineProxy(
  engineEndpoint: string,
  serve: ServeRequest,
): Promise<EngineProxy> {
  const engine = connect(engineEndpoint);
  const server = createServer(async (incoming, outgoing) => {
    try {
      const answer = await serve({ incoming, bytes: await readBody(incoming) }, engine);
      if (answer === undefined) return void outgoing.destroy();
      // The header `Date` differs from the time of a function under a movable clock: the SDK would take
      // its clock for skewed, and send every refused request again.
      const { date: _, ...headers } = answer.headers;
      outgoing.sendDate = false;
      outgoing.writeHead(answer.status, headers);
      outgoing.end(answer.bytes);
    } catch {
      outgoing.destroy();
    }
  });
  // A frozen function cannot see that a connection is closed, and would use it after the thaw.
  server.keepAliveTimeout = 0;
  return {
    endpoint: `http://${LOOPBACK}:${await listen(server)}`,
    close: async () => {
      engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The DynamoDB operation of a request: `UpdateItem`, `TransactWriteItems`, … */
export function readOperation({ headers }: IncomingMessage): string {
  const target = String(headers["x-amz-target"] ?? "");
  return target.slice(target.indexOf(".") + 1);
}

/** An answer in the form of DynamoDB's. */
export function createAnswer(status: number, body: object): UpstreamAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "content-length": String(bytes.length),
  };
  return { status, headers, bytes };
}
