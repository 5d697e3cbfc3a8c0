import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { readBody } from "../../http/body.ts";
import { LOOPBACK, listen } from "../../process/ports.ts";
import { type Database, inMemoryDynamoDb } from "./database.ts";

/** Where DynamoDB's errors are from, in the names that the wire has for them. */
const NAMESPACES: Readonly<Record<string, string>> = {
  ValidationException: "com.amazon.coral.validate",
  SerializationException: "com.amazon.coral.service",
  UnknownOperationException: "com.amazon.coral.service",
};
const OWN_NAMESPACE = "com.amazonaws.dynamodb.v20120810";

const TARGET = /^DynamoDB_20120810\.(\w+)$/;

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
  const body = await readBody(incoming);
  const { status, content } = answer(database, String(incoming.headers["x-amz-target"]), body);
  const text = JSON.stringify(content, encoded);
  outgoing.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
    "x-amz-crc32": crc32(text),
  });
  outgoing.end(text);
}

interface Answer {
  readonly status: number;
  readonly content: object;
}

function answer(database: Database, target: string, body: Buffer): Answer {
  const [, operation] = TARGET.exec(target) ?? [];
  if (operation === undefined) {
    return refusal("UnknownOperationException", `No operation of DynamoDB is called ${target}.`);
  }
  let input: object;
  try {
    input = JSON.parse(body.toString(), decoded);
  } catch (error) {
    return refusal("SerializationException", (error as Error).message);
  }
  try {
    return { status: 200, content: database.carryOut(operation, input).output };
  } catch (error) {
    return refusalFor(error as Refusal);
  }
}

interface Refusal extends Error {
  readonly $fault?: string;
  readonly Item?: unknown;
  readonly CancellationReasons?: unknown;
}

function refusalFor(error: Refusal): Answer {
  const { name, message, $fault, Item, CancellationReasons } = error;
  if ($fault === "client") return refusal(name, message, { Item, CancellationReasons });
  // A defect of the engine. Clients send the request again, and then say so.
  return { ...refusal("InternalServerError", `${error.stack}`), status: 500 };
}

function refusal(name: string, message: string, others: object = {}): Answer {
  const __type = `${NAMESPACES[name] ?? OWN_NAMESPACE}#${name}`;
  return { status: 400, content: { __type, message, ...others } };
}

/** JSON has no bytes: as the only member called B that is a text, a binary value is Base64. */
function decoded(key: string, value: unknown): unknown {
  if (key === "B" && typeof value === "string") return bytesIn(value);
  if (key === "BS" && Array.isArray(value)) return value.map((one) => bytesIn(String(one)));
  return value;
}

function bytesIn(text: string): Uint8Array {
  // Not a Buffer, which has a JSON of its own.
  return new Uint8Array(Buffer.from(text, "base64"));
}

function encoded(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
