import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readBody } from "../../local/http/body.ts";
import { LOOPBACK, listen } from "../../local/process/ports.ts";

/** What stands between an official client and the service, as the vendor's own edge does. */
export interface Front {
  readonly url: string;
  /** What went through to the service. */
  readonly requests: readonly FrontRequest[];
  /**
   * Breaks the connection under the next answers of the service: before the first byte, or in the
   * middle, when the status has arrived.
   */
  cutAnswers(where: "before" | "middle", count?: number): void;
  close(): Promise<void>;
}

/** A request of a client's. */
export interface FrontRequest {
  /** For example `POST /transfers`. */
  readonly line: string;
  /** The body. */
  readonly text: string;
}

/** An endpoint that the client calls first and that is not the service's. */
export type Endpoint = () => object;

/**
 * Starts a front: the endpoints (by `POST /path`) answer for themselves, everything else goes to the
 * service and back.
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
    const answer = await fetch(`${serviceUrl()}${incoming.url}`, {
      method: incoming.method ?? "GET",
      headers: forwarded(incoming),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const text = Buffer.from(await answer.arrayBuffer());
    const cut = cuts.shift();
    if (cut === "before") return void outgoing.destroy();
    for (const [name, value] of answer.headers) {
      if (!HOP_BY_HOP.has(name)) outgoing.setHeader(name, value);
    }
    outgoing.writeHead(answer.status);
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
