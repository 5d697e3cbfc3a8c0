import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { request as requestSecurely, Agent as SecureAgent } from "node:https";
import { readBody } from "./body.ts";

/** A whole response, whose headers can be passed on with its bytes. */
export type UpstreamAnswer = { status: number; headers: IncomingHttpHeaders; bytes: Buffer };

/** A server that receives forwarded requests over kept connections. */
export type Upstream = {
  /** Forwards a request with the bytes of its body, which the caller has read. */
  send(
    incoming: Pick<IncomingMessage, "method" | "headers">,
    bytes: Buffer,
  ): Promise<UpstreamAnswer>;
  close(): void;
};

/** Prepares connections to an endpoint. A new connection for each request would double the delay. */
export function connect(endpoint: string): Upstream {
  const url = new URL(endpoint);
  const isSecure = url.protocol === "https:";
  const agent = new (isSecure ? SecureAgent : Agent)({ keepAlive: true });
  return {
    send: async (incoming, bytes) => {
      const forwarded = (isSecure ? requestSecurely : request)(url, {
        agent,
        method: incoming.method ?? "POST",
        headers: { ...endToEnd(incoming.headers, bytes), host: url.host },
      });
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        forwarded.once("response", resolve).once("error", reject);
      });
      forwarded.end(bytes);
      const answer = await answered;
      const answerBytes = await readBody(answer);
      return {
        status: answer.statusCode ?? 500,
        headers: endToEnd(answer.headers, answerBytes),
        bytes: answerBytes,
      };
    },
    close: () => agent.destroy(),
  };
}

/** The headers that do not describe the connection. */
function endToEnd(headers: IncomingHttpHeaders, bytes: Buffer): IncomingHttpHeaders {
  const {
    connection: _connection,
    "keep-alive": _keepAlive,
    "transfer-encoding": _encoding,
    ...others
  } = headers;
  return { ...others, "content-length": String(bytes.length) };
}
