import { createServer } from "node:http";
import { type HttpResponse, idempotent, memoryStore, type Profile } from "../../lib/index.ts";
import { readBody } from "../../local/http/body.ts";
import { LOOPBACK, listen } from "../../local/process/ports.ts";
import { httpApiEvent } from "../support/events.ts";

/** The work of a route's handler. Its argument is the number of its runs, including this one. */
type Handle = (run: {
  readonly count: number;
  readonly header: (name: string) => string | undefined;
}) => HttpResponse;

const payment: Handle = () => ({
  statusCode: 201,
  headers: { "content-type": "application/json" },
  body: '{"payment":{"id":"p-1"}}',
});

/** A service of one route under a profile, on its own port, behind a gateway like AWS's. */
export async function serveRoute(profile: Profile, handle: Handle = payment) {
  const requests: Record<string, string>[] = [];
  let runs = 0;
  const handler = idempotent(
    async (event: ReturnType<typeof httpApiEvent>) => {
      runs += 1;
      return handle({ count: runs, header: (name) => event.headers[name] });
    },
    { store: memoryStore(), singleTenant: true, profile, operation: "pay" },
  );
  const server = createServer(async (incoming, outgoing) => {
    const headers = incoming.headers as Record<string, string>;
    requests.push(headers);
    const event = httpApiEvent({
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: { "Content-Type": "", ...headers },
      body: await readBody(incoming),
    });
    const response = await handler(event, {});
    const body = Buffer.from(
      response.body ?? "",
      "isBase64Encoded" in response && response.isBase64Encoded === true ? "base64" : "utf8",
    );
    outgoing.writeHead(response.statusCode, response.headers as Record<string, string>).end(body);
  });
  return {
    url: `http://${LOOPBACK}:${await listen(server, 0)}`,
    /** The headers of each request. */
    requests,
    runs: () => runs,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
