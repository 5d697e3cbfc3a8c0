import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type DynamoDbStoreOptions, dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { ENGINES } from "../support/engines.ts";
import { clientOf, createTable, SHARED_TABLE } from "../support/table.ts";

const CLAIM = {
  id: "id",
  owner: "me",
  fingerprint: "f",
  nowMs: 0,
  leaseUntilMs: 1_000,
  expiresAtSeconds: 60,
  takeover: "restart" as const,
};

afterEach(() => {
  delete process.env.IDEMPOTENCY_TABLE;
  delete process.env.IDEMPOTENCY_TABLE_LAYOUT;
});

describe.each(ENGINES.slice(0, 1))("on %s, the layout in the environment", (name) => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 30_000);

  afterAll(() => engine.close());

  /** Claims a key. @returns the item, or the error. */
  async function claimed(
    layout: typeof SHARED_TABLE | undefined,
    environment: (tableName: string) => Record<string, string>,
    options: Partial<DynamoDbStoreOptions> = {},
  ): Promise<unknown> {
    const client = clientOf(engine);
    const TableName = await createTable(client, layout);
    Object.assign(process.env, environment(TableName));
    try {
      await dynamoDbStore({ tableName: TableName, client, ...options }).claim(CLAIM);
    } catch (error) {
      return error;
    }
    return (await client.send(new ScanCommand({ TableName }))).Items?.[0];
  }

  const LAYOUT = JSON.stringify(SHARED_TABLE);
  const SHARED_ITEM = {
    pk: { S: "IDEMPOTENCY#id" },
    sk: { S: "IDEMPOTENCY" },
    "state-of-record": { S: "CLAIMED" },
    ttl: { N: "3660" },
    "endsAt-of-record": { N: "60" },
  };

  test("applies to the table that the environment names", async () => {
    const item = await claimed(SHARED_TABLE, (tableName) => ({
      IDEMPOTENCY_TABLE: tableName,
      IDEMPOTENCY_TABLE_LAYOUT: LAYOUT,
    }));
    expect(item).toMatchObject(SHARED_ITEM);
  });

  test("does not apply to any other table", async () => {
    const item = await claimed(undefined, () => ({
      IDEMPOTENCY_TABLE: "another",
      IDEMPOTENCY_TABLE_LAYOUT: LAYOUT,
    }));
    expect(item).toMatchObject({
      ...{ id: { S: "id" }, endsAt: { N: "60" } },
      expiresAt: { N: "3660" },
    });
  });

  test("gives way, all of it, to options of the store", async () => {
    const other = JSON.stringify({ attributes: { expiresAt: "deletedAt", state: "status" } });
    const item = await claimed(
      SHARED_TABLE,
      (tableName) => ({ IDEMPOTENCY_TABLE: tableName, IDEMPOTENCY_TABLE_LAYOUT: other }),
      { keyAttributes: SHARED_TABLE.keyAttributes },
    );
    expect(item).toMatchObject({ pk: SHARED_ITEM.pk, state: { S: "CLAIMED" } });
    expect(item).toHaveProperty("expiresAt");
  });
});

test.each([
  ["pk", /IDEMPOTENCY_TABLE_LAYOUT is pk; expected the JSON text/],
  ["null", /IDEMPOTENCY_TABLE_LAYOUT: expected an object/],
  ["[1]", /IDEMPOTENCY_TABLE_LAYOUT: there is no option "0"/],
  ['{"keyAttribute":{}}', /there is no option "keyAttribute"/],
  ['{"attributes":"ttl"}', /attributes is 'ttl'; expected an object/],
  ['{"attributes":{"expiresAt":""}}', /expiresAt is ''; expected the name of an attribute/],
])("a layout %s in the environment is refused when the function starts", (text, message) => {
  process.env.IDEMPOTENCY_TABLE = "records";
  process.env.IDEMPOTENCY_TABLE_LAYOUT = text;
  expect(() => dynamoDbStore({ tableName: "records" })).toThrow(message);
});

test.each(["", "{}"])("a layout %j in the environment changes nothing", (text) => {
  process.env.IDEMPOTENCY_TABLE = "records";
  process.env.IDEMPOTENCY_TABLE_LAYOUT = text;
  expect(() => dynamoDbStore({ tableName: "records" })).not.toThrow();
});
