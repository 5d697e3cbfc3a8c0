import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { CallOptions, Store } from "../../lib/protocol/store.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { START_MS } from "../support/clock.ts";
import { type Fault, injectFaults } from "../support/faults.ts";
import { createTable } from "../support/table.ts";

const OWNED = { id: "id", owner: "me", fence: START_MS + 1 };
const CALLS: [
  string,
  string,
  (store: Required<Store>, options: CallOptions) => Promise<unknown>,
][] = [
  [
    "a claim",
    "UpdateItem",
    (store, options) =>
      store.claim(
        {
          ...{ id: "id", owner: "me", fingerprint: "f", takeover: "restart" },
          ...{ nowMs: START_MS, leaseUntilMs: START_MS + 1, expiresAtSeconds: undefined },
        },
        options,
      ),
  ],
  ["a release", "UpdateItem", (store, options) => store.release(OWNED, options)],
  [
    "a commit",
    "TransactWriteItems",
    (store, options) =>
      store.commit(
        {
          checkpoint: { ...OWNED, index: 0, step: { name: "a" } },
          ...{ writes: [], nowMs: START_MS, token: "t" },
        },
        options,
      ),
  ],
  ["a read", "GetItem", (store, options) => store.read("id", options)],
];

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ engine: "in-memory" });
}, 30_000);
afterAll(() => engine.close());

/** A store whose client tries three times, and the requests that leave the process. */
async function storeWith(decide: (command: string, attempt: number) => Fault) {
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 3,
  });
  const tableName = await createTable(client);
  injectFaults(client, decide);
  const sent: (string | undefined)[] = [];
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) => {
    sent.push(request.headers["x-amz-target"]?.split(".")[1]);
    return handle(request, options);
  };
  return { store: dynamoDbStore({ tableName, client }) as Required<Store>, sent };
}

describe.each(CALLS)("%s", (_name, command, call) => {
  test("is sent again by the client while the invocation has time", async () => {
    const { store, sent } = await storeWith((_, attempt) => (attempt < 3 ? "throttled" : "none"));
    await call(store, { hasTime: () => true });
    expect(sent).toEqual([command]);
  });

  test("is not sent again once the process was frozen between two attempts", async () => {
    let hasTime = true;
    const { store, sent } = await storeWith((_, attempt) => {
      if (attempt > 1) return "none";
      hasTime = false;
      return "throttled";
    });
    await expect(call(store, { hasTime: () => hasTime })).rejects.toMatchObject({
      name: "IdempotencyStoreError",
      failure: "unanswered",
      message: expect.stringContaining("the invocation has ended, so the request was not sent"),
    });
    expect(sent).toEqual([]);
  });

  test("is not sent at all after the end of the invocation", async () => {
    const { store, sent } = await storeWith(() => "none");
    await expect(call(store, { hasTime: () => false })).rejects.toThrow("was not sent");
    expect(sent).toEqual([]);
  });

  test("is sent where the end of the invocation is not known", async () => {
    const { store, sent } = await storeWith(() => "none");
    await call(store, {});
    expect(sent).toEqual([command]);
  });
});
