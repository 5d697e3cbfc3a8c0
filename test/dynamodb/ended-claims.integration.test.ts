import { randomUUID } from "node:crypto";
import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import type { Store } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { START_MS } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { clientOf, createTable } from "../support/table.ts";

const END_MS = START_MS + 60_000;

describe.each(ENGINES.slice(0, 1))("on %s, a claim that has ended", (name) => {
  let engine: Engine;
  let client: DynamoDBClient;
  let tableName: string;
  let store: Required<Store>;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    client = clientOf(engine);
    tableName = await createTable(client);
    store = dynamoDbStore({ tableName, client }) as Required<Store>;
  }, 60_000);

  afterAll(() => engine?.close());

  /** A claim that ends a minute later, and a business write under it. */
  async function claimed() {
    const id = randomUUID();
    const owned = { id, owner: "me", fence: START_MS + 1 };
    await store.claim({
      ...{ id, owner: "me", fingerprint: "f", takeover: "resume" },
      ...{ nowMs: START_MS, leaseUntilMs: START_MS + 1, expiresAtSeconds: END_MS / 1000 },
    });
    const Put = { TableName: tableName, Item: { id: `business of ${id}` } };
    const end = END_MS / 1000 + 60;
    return {
      owned,
      completion: { ...owned, response: "{}", expiresAtSeconds: end },
      checkpoint: { ...owned, index: 0, step: { name: "debit" } },
      commit: (nowMs: number) => ({ writes: [{ Put }], nowMs, token: randomUUID() }),
      isDone: async () => {
        const Key = { id: { S: Put.Item.id } };
        const input = { TableName: tableName, Key, ConsistentRead: true };
        return (await client.send(new GetItemCommand(input))).Item !== undefined;
      },
    };
  }

  test("commits no response and no step with business writes", async () => {
    const { owned, completion, checkpoint, commit, isDone } = await claimed();
    const record = await store.read(owned.id);
    const late = commit(END_MS);
    expect(await store.commit({ ...late, completion })).toEqual({ applied: false, record });
    expect(await store.commit({ ...commit(END_MS), checkpoint })).toEqual({
      applied: false,
      record,
    });
    expect(await isDone()).toBe(false);
  });

  test("commits a second before", async () => {
    const { completion, commit, isDone } = await claimed();
    const early = commit(END_MS - 1_000);
    expect(await store.commit({ ...early, completion })).toEqual({ applied: true });
    expect(await isDone()).toBe(true);
  });

  test("commits a step a second before, and then its response at any time", async () => {
    const { owned, completion, checkpoint, commit, isDone } = await claimed();
    const early = commit(END_MS - 1_000);
    expect(await store.commit({ ...early, checkpoint })).toEqual({ applied: true });
    expect(await isDone()).toBe(true);
    expect(await store.read(owned.id)).not.toHaveProperty("expiresAtSeconds");
    const late = { ...commit(END_MS + 86_400_000), writes: [] };
    expect(await store.commit({ ...late, completion })).toEqual({ applied: true });
  });

  test("records a response without writes: the effect has happened", async () => {
    const { owned, completion } = await claimed();
    expect(await store.complete(completion)).toEqual({ applied: true });
    expect(await store.read(owned.id)).toMatchObject({ state: "COMPLETED" });
  });
});
