import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { type Database, inMemoryDynamoDb } from "../../lib/testing/engine/database.ts";
import { answerRequest } from "../../lib/testing/engine/wire.ts";
import { readBody } from "../http/body.ts";
import { LOOPBACK, listen } from "../process/ports.ts";

/**
 * Serves an empty DynamoDB in the memory of this process, over its own protocol. It asks for no
 * signature.
 *
 * @param port any free one by default.
 * @throws when the port is taken.
 */
export async function startInMemoryEngine(
  port = 0,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const database = inMemoryDynamoDb(Date.now);
  const server = createServer((incoming, outgoing) => {
    serve(database, incoming, outgoing).catch(() => outgoing.destroy());
  });
  // A frozen function cannot see a connection being closed, and would use it once it is thawed.
  server.keepAliveTimeout = 0;
  const listening = await listen(server, port);
  return {
    endpoint: `http://${LOOPBACK}:${listening}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  database: Database,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await readBody(incoming);
  const target = String(incoming.headers["x-amz-target"]);
  const { status, body } = answerRequest(database, target, request.toString());
  outgoing.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(body),
    "x-amz-crc32": crc32(body),
  });
  outgoing.end(body);
}
