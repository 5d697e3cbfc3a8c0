import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "@jest/globals";
import { checkRetries } from "../../examples/testing/end-to-end.ts";
import { transferHandler } from "../../examples/testing/transfers.ts";
import { httpApiEvent, testContext, testStore } from "../../lib/testing/index.ts";

interface Answer {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Serves a handler as an HTTP API would. */
async function serve(handler: (event: ReturnType<typeof createEvent>) => Promise<unknown>) {
  server = createServer(async (request, response) => {
    const { statusCode, headers, body } = (await handler(
      createEvent(request.headers as Record<string, string>, await text(request)),
    )) as Answer;
    response.writeHead(statusCode, headers).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/transfers`;
}

function createEvent(headers: Record<string, string>, body: string) {
  return httpApiEvent({ path: "/transfers", headers, body, claims: { sub: "alice" } });
}

const BODY = { from: "alice", to: "bob", amountMinor: 60 };

test("examples/testing/end-to-end.ts passes an API that keeps its promise", async () => {
  const store = testStore({ tables: { accounts: "id" } });
  store.table("accounts").put({ id: "alice", balanceMinor: 100 }, { id: "bob", balanceMinor: 0 });
  const handler = transferHandler({ store });
  const url = await serve((event) => handler(event, testContext()));
  await checkRetries(url, "token", BODY);
  expect(store.table("accounts").get({ id: "bob" })).toMatchObject({ balanceMinor: 60 });
});

test("examples/testing/end-to-end.ts shows the responses of an API that runs every request", async () => {
  let runs = 0;
  const url = await serve(async () => ({ statusCode: 201, body: String(++runs) }));
  await expect(checkRetries(url, "token", BODY)).rejects.toThrow(/"body": "2"/);
});
