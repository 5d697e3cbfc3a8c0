import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { ietf, type Store } from "../../lib/index.ts";
import { complete } from "../../lib/protocol/complete.ts";
import { enter } from "../../lib/protocol/enter.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { START_MS } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { claimFor, createRequest, createTools } from "../support/keyed-request.ts";
import { clientOf, createTable } from "../support/table.ts";

type Item = Record<string, AttributeValue>;

const NOW_SECONDS = START_MS / 1000;
const DAY_SECONDS = 24 * 60 * 60;

const number = (value: number) => ({ N: String(value) });

/* Items as release 0.1 wrote them: `expiresAt` is the end, and there is no `endsAt`. */

const ANY: Item = {
  owner: { S: "owner-of-0.1" },
  fence: number(7),
  fingerprint: { S: "same" },
  version: { N: "1" },
};
const LAPSED: Item = {
  ...{ ...ANY, state: { S: "CLAIMED" }, leaseUntil: number(START_MS - 1) },
  ...{ startedAt: number(START_MS - 5_000), claims: number(1) },
  expiresAt: number(NOW_SECONDS + DAY_SECONDS),
};
const STEPS: Item = { steps: { L: [{ M: { name: { S: "reserve" }, result: { S: '"r1"' } } }] } };
const FREED: Item = {
  ...{ ...ANY, state: { S: "CLAIMED" }, leaseUntil: number(0) },
  expiresAt: number(NOW_SECONDS - DAY_SECONDS),
};
const COMPLETED: Item = {
  ...{ ...ANY, state: { S: "COMPLETED" }, response: { S: "{}" } },
  expiresAt: number(NOW_SECONDS + 60),
};
const ENDED: Item = { expiresAt: number(NOW_SECONDS) };

describe.each(ENGINES.slice(0, 1))("on %s, a record of release 0.1", (name) => {
  let engine: Engine;
  let client: DynamoDBClient;
  let tableName: string;
  let store: Store;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    client = clientOf(engine);
    tableName = await createTable(client);
    store = dynamoDbStore({ tableName, client });
  }, 60_000);

  afterAll(() => engine?.close());

  /** A request whose record is the given item. */
  async function requestOver(item: Item, interrupted: "restart" | "resume" | "refuse" = "resume") {
    const id = randomUUID();
    const Item = { ...item, id: { S: id } };
    await client.send(new PutItemCommand({ TableName: tableName, Item }));
    const request = createRequest(createTools({ store }), { id, contract: ietf({ interrupted }) });
    const readItem = async (): Promise<Item> => {
      const input = { TableName: tableName, Key: { id: { S: id } }, ConsistentRead: true };
      return (await client.send(new GetItemCommand(input))).Item ?? {};
    };
    return { request, readItem };
  }

  test("that has completed is replayed until its end", async () => {
    const { request } = await requestOver(COMPLETED);
    expect(await enter(request)).toEqual({ kind: "replay", response: "{}" });
  });

  test("that is in flight is left to its owner", async () => {
    const { request } = await requestOver({ ...LAPSED, leaseUntil: number(START_MS + 5_000) });
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_in_flight" } });
  });

  test("that has lapsed is taken over with its start and its steps, and becomes one of this version", async () => {
    const { request, readItem } = await requestOver({ ...LAPSED, ...STEPS });
    const execution = await claimFor(request);
    expect(execution).toMatchObject({
      ...{ fence: 8, claims: 2, startedAtMs: START_MS - 5_000 },
      steps: [{ name: "reserve", result: '"r1"' }],
    });
    const item = await readItem();
    expect(item).toMatchObject({ version: { N: "2" }, ...STEPS });
    expect([item.expiresAt, item.endsAt]).toEqual([undefined, undefined]);
    expect(await complete(execution, "{}")).toEqual({ kind: "stands" });
    expect(await readItem()).toMatchObject({
      ...{ state: { S: "COMPLETED" }, version: { N: "2" } },
      endsAt: number(NOW_SECONDS + DAY_SECONDS),
      expiresAt: number(NOW_SECONDS + DAY_SECONDS + 3_600),
    });
  });

  test("with steps is not forgotten by a route that does not resume", async () => {
    const { request, readItem } = await requestOver({ ...LAPSED, ...STEPS }, "restart");
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_interrupted" } });
    expect(await readItem()).toMatchObject({ version: { N: "1" }, ...STEPS });
  });

  test("with steps is not forgotten at its end, but resumed", async () => {
    for (const interrupted of ["restart", "refuse"] as const) {
      const { request, readItem } = await requestOver(
        { ...LAPSED, ...STEPS, ...ENDED },
        interrupted,
      );
      expect(await enter(request)).toMatchObject({ refusal: { code: "request_interrupted" } });
      expect(await readItem()).toMatchObject({ version: { N: "1" }, ...STEPS });
    }
    const { request } = await requestOver({ ...LAPSED, ...STEPS, ...ENDED });
    expect(await claimFor(request)).toMatchObject({ claims: 2, steps: [{ name: "reserve" }] });
  });

  test.each<[string, Item]>([
    ["lapsed and ended", { ...LAPSED, ...ENDED, entityId: { S: "e" }, event: { S: "{}" } }],
    ["completed and ended", { ...COMPLETED, ...ENDED }],
    ["freed", FREED],
  ])("that is %s is replaced by any request, and nothing of it stays", async (_how, item) => {
    const { request, readItem } = await requestOver(item, "restart");
    const execution = await claimFor({ ...request, fingerprint: "another" });
    expect(execution).toMatchObject({ fence: 8, claims: 1, startedAtMs: START_MS, steps: [] });
    expect(await readItem()).toEqual({
      id: { S: request.id },
      owner: { S: execution.owner },
      state: { S: "CLAIMED" },
      fingerprint: { S: "another" },
      fence: number(8),
      version: { N: "2" },
      claims: number(1),
      startedAt: number(START_MS),
      leaseUntil: number(START_MS + 11_000),
      endsAt: number(NOW_SECONDS + DAY_SECONDS),
      expiresAt: number(NOW_SECONDS + DAY_SECONDS + 3_600),
    });
  });
});
