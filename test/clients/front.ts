import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readBody } from "../../local/http/body.ts";
import { LOOPBACK, listen } from "../../local/process/ports.ts";

/** A proxy between an official client and the service, like the vendor's own edge. */
export interface Front {
  readonly url: string;
  /** The requests that reached the service. */
  readonly requests: readonly FrontRequest[];
  /**
   * Breaks the connection under the next responses of the service: before the first byte, or in the
   * middle, after the status.
   */
  cutAnswers(where: "before" | "middle", count?: number): void;
  close(): Promise<void>;
}

/** A request of a client. */
export interface FrontRequest {
  /** For example `POST /transfers`. */
  readonly line: string;
  /** The body. */
  readonly text: string;
}

/** Sends again while the service is busy: many functions that start at once may use up their time. */
export async function sendUntilServed<Result>(
  send: () => Promise<Result>,
  isBusy: (error: never) => boolean,
): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await send();
    } catch (error) {
      if (retries === 5 || !isBusy(error as never)) throw error;
    }
  }
}

/** An endpoint that the client calls first and that the service does not have. */
export type Endpoint = () => object;

/**
 * Starts a front. The endpoints (by `POST /path`) respond themselves; all other requests go to the
 * service.
 */
export async function startFront(
  serviceUrl: () => string,
  endpoints: Readonly<Record<string, Endpoint>> = {},
): Promise<Front> {
  const requests: FrontRequest[] = [];
  const cuts: ("before" | "middle")[] = [];

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const line = `${incoming.method} ${incoming.url}`;
    const body = await readBody(incoming);
    const endpoint = endpoints[line];
    if (endpoint !== undefined) {
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(endpoint()));
      return;
    }
    requests.push({ line, text: body.toString() });
    const response = await fetch(`${serviceUrl()}${incoming.url}`, {
      method: incoming.method ?? "GET",
      headers: forwarded(incoming),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const text = Buffer.from(await response.arrayBuffer());
    const cut = cuts.shift();
    if (cut === "before") return void outgoing.destroy();
    for (const [name, value] of response.headers) {
      if (!HOP_BY_HOP.has(name)) outgoing.setHeader(name, value);
    }
    outgoing.writeHead(response.status);
    if (cut === undefined) return void outgoing.end(text);
    outgoing.flushHeaders();
    outgoing.write(text.subarray(0, text.length / 2), () => outgoing.destroy());
  }

  return {
    url: `http://${LOOPBACK}:${await listen(server, 0)}`,
    requests,
    cutAnswers: (where, count = 1) => {
      cuts.push(...Array.from({ length: count }, () => where));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const HOP_BY_HOP = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

function forwarded({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== "host" && !HOP_BY_HOP.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
