import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { CallOptions, ClaimRequest, Store } from "../../lib/protocol/store.ts";

/* Real sockets, to servers that stall in every phase of a call. */

const CLAIM: ClaimRequest = {
  ...{ id: "id-1", owner: "owner-1", fingerprint: "f", takeover: "restart" },
  ...{ nowMs: 1, leaseUntilMs: 10_000, expiresAtSeconds: undefined },
};
const COMMIT = {
  checkpoint: { id: "id-1", owner: "owner-1", fence: 1, index: 0, step: { name: "a" } },
  writes: [],
  nowMs: 1,
  token: "t",
};
const HEADERS =
  "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 999999\r\n";

const open = new Set<{ end(): Promise<void> }>();
afterEach(async () => {
  for (const one of open) await one.end();
  open.clear();
});

/** A server, and the sockets that are connected to it. */
async function listen(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  open.add({ end });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** Writes a byte every few milliseconds, for ever. */
function trickle(socket: Socket, byte: string) {
  const timer = setInterval(() => socket.write(byte), 5);
  socket.on("close", () => clearInterval(timer));
}

const STALLS: [string, "http" | "https", (socket: Socket) => void][] = [
  ["that accepts and says nothing", "http", () => {}],
  ["that never completes TLS", "https", () => {}],
  ["that sends half its headers", "http", (socket) => socket.write("HTTP/1.1 200 OK\r\nConte")],
  [
    "with trickling headers",
    "http",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      trickle(socket, "X");
    },
  ],
  ["that sends its headers only", "http", (socket) => socket.write(`${HEADERS}\r\n`)],
  [
    "that sends its headers and half the body",
    "http",
    (socket) => socket.write(`${HEADERS}\r\n{"Item":{"id":{"S":"a`),
  ],
  [
    "with a trickling body",
    "http",
    (socket) => {
      socket.write(`${HEADERS}\r\n`);
      trickle(socket, " ");
    },
  ],
];

const CALLS: [string, (store: Required<Store>, options: CallOptions) => Promise<unknown>][] = [
  ["write", (store, options) => store.claim(CLAIM, options)],
  ["read", (store, options) => store.read("id-1", options)],
  ["commit", (store, options) => store.commit(COMMIT, options)],
];

describe.each(STALLS)("a server %s", (_name, protocol, serve) => {
  test.each(CALLS)("does not keep a %s beyond its bound, nor its connection", async (_, call) => {
    const { port, sockets } = await listen(serve);
    const client = new DynamoDBClient({
      endpoint: `${protocol}://127.0.0.1:${port}`,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    const store = dynamoDbStore({ tableName: "records", client }) as Required<Store>;
    const startMs = performance.now();
    const error = await call(store, { timeoutMs: 150 }).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "IdempotencyStoreError", failure: "unanswered" });
    expect(performance.now() - startMs).toBeLessThan(1_500);
    while (sockets.size > 0) await new Promise((next) => setTimeout(next, 5));
    client.destroy();
  });
});

test("credentials that never come do not keep a call either", async () => {
  const client = new DynamoDBClient({
    endpoint: "http://127.0.0.1:1",
    region: "eu-central-1",
    credentials: () => new Promise(() => {}),
  });
  const store = dynamoDbStore({ tableName: "records", client });
  await expect(store.read("id-1", { timeoutMs: 50 })).rejects.toThrow(
    "no complete response arrived within 50 ms",
  );
});
