import { CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "@jest/globals";
import {
  ConfigurationError,
  type IdempotencyOptions,
  idempotent,
  isCommitRefused,
  type WithIdempotency,
} from "../../lib/index.ts";
import {
  type TestClock,
  type TestStore,
  testClock,
  testContext,
  testStore,
} from "../../lib/testing/index.ts";
import { httpApiEvent } from "../support/events.ts";

interface Account {
  readonly id: string;
  readonly balanceMinor: number;
}

let clock: TestClock;
let store: TestStore;
let runs: number;

beforeEach(() => {
  clock = testClock();
  store = testStore({ clock, tables: { accounts: "id" } });
  store.table("accounts").put({ id: "alice", balanceMinor: 100 }, { id: "bob", balanceMinor: 0 });
  runs = 0;
});

const balance = (id: string) => store.table<Account>("accounts").get({ id })?.balanceMinor;

/** Moves 60 from alice to bob, in the commit of the record. */
async function transfer(_event: unknown, { idempotency }: WithIdempotency<object>) {
  runs += 1;
  const move = (id: string, amount: number) => ({
    Update: {
      TableName: "accounts",
      Key: { id },
      UpdateExpression: "SET balanceMinor = balanceMinor + :amount",
      ConditionExpression: "balanceMinor >= :least",
      ExpressionAttributeValues: { ":amount": amount, ":least": Math.max(0, -amount) },
    },
  });
  try {
    return await idempotency.commit([move("alice", -60), move("bob", 60)], { statusCode: 201 });
  } catch (error) {
    if (!isCommitRefused(error)) throw error;
    return { statusCode: 422, body: JSON.stringify(error.item ?? null) };
  }
}

function serviceOf(options: Partial<IdempotencyOptions> = {}) {
  const handler = idempotent(transfer, {
    ...{ store, clock, singleTenant: true, observe: () => {} },
    ...options,
  } as IdempotencyOptions);
  return (key: string, context: object = testContext({ clock })) =>
    handler(httpApiEvent({ key }), context as never) as Promise<{
      statusCode: number;
      headers?: Record<string, string>;
    }>;
}

const callsOf = () => store.requests.map(({ call, fault }) => (fault ? `${call}: ${fault}` : call));

describe.each(["start", "commit"] as const)("a handler under claimAt %s", (claimAt) => {
  test("moves the money once, with its record, and a repeat gets the first response", async () => {
    const call = serviceOf({ claimAt });
    expect(await call("k")).toEqual({ statusCode: 201 });
    expect(await call("k")).toMatchObject({
      statusCode: 201,
      headers: { "Idempotent-Replayed": "true" },
    });
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
    expect(store.records()).toMatchObject([{ state: "COMPLETED" }]);
  });

  test("is refused by a condition that does not hold, and moves nothing", async () => {
    const call = serviceOf({ claimAt });
    await call("k");
    expect(await call("l")).toMatchObject({ statusCode: 422 });
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
  });

  test("commits once, also if answers are lost, the table throttles and transactions collide", async () => {
    const call = serviceOf({ claimAt });
    store.loseAnswer("commit");
    store.throttle("commit", 2);
    store.conflict("commit", 2);
    expect(await call("k")).toEqual({ statusCode: 201 });
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
    expect(callsOf().filter((one) => one?.startsWith("commit"))).toEqual([
      "commit: lost-answer",
      ...["commit: throttled", "commit: throttled"],
      ...["commit: conflict", "commit: conflict"],
      "commit",
    ]);
  });

  test("answers 503 while no request arrives, and the same key works afterwards", async () => {
    const call = serviceOf({ claimAt });
    store.loseRequest("any", Number.POSITIVE_INFINITY);
    expect(await call("k")).toMatchObject({ statusCode: 503 });
    expect([balance("alice"), balance("bob")]).toEqual([100, 0]);
    store.recover();
    clock.advance(60_000);
    expect(await call("k")).toMatchObject({ statusCode: 201 });
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
  });

  test("gives up a table that throttles until the time of the invocation is over", async () => {
    const call = serviceOf({ claimAt });
    const startedMs = clock.now();
    store.throttle("any", Number.POSITIVE_INFINITY);
    expect(await call("k", testContext({ clock, remainingMs: 3_000 }))).toMatchObject({
      statusCode: 503,
    });
    expect(clock.now() - startedMs).toBeGreaterThan(500);
    expect(clock.now() - startedMs).toBeLessThan(3_000);
  });

  test("that dies after its commit gives a retry the first response", async () => {
    const call = serviceOf({ claimAt });
    const crash = store.crashAfter("commit");
    void call("k");
    await crash;
    expect(await call("k")).toMatchObject({
      statusCode: 201,
      headers: { "Idempotent-Replayed": "true" },
    });
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
  });

  test("that dies before its commit has moved nothing, and a retry after its lease moves the money", async () => {
    const call = serviceOf({ claimAt });
    const crash = store.crashBefore("commit");
    void call("k");
    await crash;
    expect(balance("alice")).toBe(100);
    const early = await call("k");
    expect(early.statusCode).toBe(claimAt === "start" ? 409 : 201);
    clock.advance(31_001);
    expect((await call("k")).statusCode).toBe(201);
    expect([balance("alice"), balance("bob")]).toEqual([40, 60]);
  });
});

test("a completion that is lost for good answers 503, and a retry after the lease runs the handler again", async () => {
  const handler = idempotent(async () => ({ statusCode: 201, body: String(++runs) }), {
    ...{ store, clock, singleTenant: true, observe: () => {} },
  });
  const call = () => handler(httpApiEvent({ key: "k" }) as never, testContext({ clock }));
  store.loseRequest("complete", 3);
  expect(await call()).toMatchObject({ statusCode: 503 });
  clock.advance(31_001);
  expect(await call()).toEqual({ statusCode: 201, body: "2" });
});

test("after the retention the key is unused, also while the old record still stands", async () => {
  const call = serviceOf();
  await call("k");
  clock.advance(24 * 60 * 60 * 1_000 + 1_000);
  store.table("accounts").put({ id: "alice", balanceMinor: 1_000 });
  expect(await call("k")).toEqual({ statusCode: 201 });
  expect(runs).toBe(2);
});

test("the requests of a repeat are counted: one", async () => {
  const call = serviceOf();
  await call("k");
  const before = store.requests.length;
  await call("k");
  expect(store.requests.slice(before)).toEqual([
    { call: "claim", operation: "UpdateItem", fault: undefined },
  ]);
});

test("the handler's own requests go to the same tables, in both forms of the SDK, and meet no fault", async () => {
  store.loseRequest("any", Number.POSITIVE_INFINITY);
  const documents = DynamoDBDocumentClient.from(store.client);
  await store.client.send(
    new PutItemCommand({
      TableName: "accounts",
      Item: { id: { S: "carol" }, balanceMinor: { N: "7" } },
    }),
  );
  await documents.send(
    new UpdateCommand({
      TableName: "accounts",
      Key: { id: "carol" },
      UpdateExpression: "SET tags = :tags",
      ExpressionAttributeValues: { ":tags": ["a", { b: 1 }] },
    }),
  );
  const { Item } = await documents.send(
    new GetCommand({ TableName: "accounts", Key: { id: "carol" } }),
  );
  expect(Item).toEqual({ id: "carol", balanceMinor: 7, tags: ["a", { b: 1 }] });
  expect(store.table("accounts").get({ id: "carol" })).toEqual(Item);
  expect(store.requests.map(({ call, operation }) => [call, operation])).toEqual([
    [undefined, "PutItem"],
    [undefined, "UpdateItem"],
    [undefined, "GetItem"],
  ]);
});

test("a commit refused by a condition shows the handler the item in its way", async () => {
  store.table("accounts").put({ id: "alice", balanceMinor: 5 });
  let refusal: unknown;
  const handler = idempotent(
    async (_event: unknown, { idempotency }: WithIdempotency<object>) => {
      const spend = {
        TableName: "accounts",
        Key: { id: "alice" },
        UpdateExpression: "SET balanceMinor = :none",
        ConditionExpression: "balanceMinor > :most",
        ExpressionAttributeValues: { ":none": 0, ":most": 5 },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      } as const;
      return idempotency.commit([{ Update: spend }], { statusCode: 201 }).catch((error) => {
        refusal = error;
        return { statusCode: 422 };
      });
    },
    { store, clock, singleTenant: true, claimAt: "commit", observe: () => {} },
  );
  const response = await handler(httpApiEvent({ key: "k" }), testContext({ clock }));
  expect(response).toEqual({ statusCode: 422 });
  expect(refusal).toMatchObject({ index: 0, item: { id: "alice", balanceMinor: 5 } });
});

describe("a table", () => {
  test("has the values that the store's marshallOptions allow", () => {
    expect(() => store.table("accounts").put({ id: "a", note: undefined })).toThrow(
      /removeUndefinedValues/,
    );
    const lenient = testStore({
      tables: { accounts: "id" },
      marshallOptions: { removeUndefinedValues: true },
    });
    lenient.table("accounts").put({ id: "a", note: undefined });
    expect(lenient.table("accounts").items()).toEqual([{ id: "a" }]);
  });

  test("has keys of two parts and of other types, as CDK names them", () => {
    const { table } = testStore({
      tables: {
        orders: {
          partitionKey: { name: "customer", type: "S" },
          sortKey: { name: "number", type: "N" },
        },
      },
    });
    const orders = table("orders");
    orders.put({ customer: "a", number: 1 }, { customer: "a", number: 2 });
    orders.delete({ customer: "a", number: 1 });
    orders.delete({ customer: "a", number: 3 });
    expect(orders.items()).toEqual([{ customer: "a", number: 2 }]);
    expect(orders.get({ customer: "a", number: 1 })).toBeUndefined();
    expect(() => orders.get({ customer: "a" })).toThrow(/does not match the schema/);
  });

  test("with indexes is created by the client, and shown as any other", async () => {
    await store.client.send(
      new CreateTableCommand({
        TableName: "events",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "at", AttributeType: "N" }],
        KeySchema: [{ AttributeName: "at", KeyType: "HASH" }],
      }),
    );
    store.table("events").put({ at: 1 });
    expect(store.table("events").items()).toEqual([{ at: 1 }]);
  });

  test("that is not there is named, with those that are", () => {
    expect(() => store.table("acounts")).toThrow(
      new ConfigurationError(
        'testStore: there is no table "acounts", only "accounts", "idempotency". Name it in the option tables: testStore({ tables: { "acounts": "id" } }), with the name of its partition key.',
      ),
    );
  });
});

describe("records", () => {
  test("are those of the layer, in a table that has other items as well", async () => {
    const shared = testStore({
      clock,
      tableName: "everything",
      keyAttributes: {
        partitionKey: "pk",
        sortKey: { name: "sk", value: "RECORD" },
        prefix: "RECORD#",
      },
      attributes: { expiresAt: "ttl", version: "v" },
    });
    shared.table("everything").put({ pk: "RECORD#", sk: "OTHER" }, { pk: "a", sk: "RECORD" });
    shared.table("everything").put({ pk: "RECORD#a", sk: "RECORD" });
    const handler = idempotent(async () => ({ statusCode: 204 }), {
      ...{ store: shared, clock, singleTenant: true, observe: () => {} },
    });
    await handler(httpApiEvent({ key: "k" }) as never, testContext({ clock }));
    expect(shared.records()).toMatchObject([{ state: "COMPLETED" }]);
    expect(shared.table("everything").items()).toHaveLength(4);
  });

  test("are of one store: another has tables of its own", async () => {
    await serviceOf()("k");
    expect(testStore().records()).toEqual([]);
  });
});

test.each([
  [{ table: {} }, /there is no option "table".*tables/],
  [{ tables: "accounts" }, /tables is 'accounts'; expected an object with the key of each table/],
  [{ tables: { a: "id" } }, /the table "a" cannot be created: TableName must be 3 to 255/],
  [{ tables: { idempotency: "id" } }, /Table already exists: idempotency/],
  [{ clock: {} }, /clock is \{\}; expected an object with now/],
  [{ marshallOptions: { wrong: true } }, /marshallOptions.*"wrong"/],
])("the options %j are refused", (options, message) => {
  expect(() => testStore(options as never)).toThrow(ConfigurationError);
  expect(() => testStore(options as never)).toThrow(message);
});

test("a count of faults that is none is refused", () => {
  for (const times of [0, -1, 1.5, Number.NaN]) {
    expect(() => store.throttle("claim", times)).toThrow(RangeError);
  }
});

test("a store with strong multi-Region consistency does not commit, as on DynamoDB", () => {
  expect(testStore({ multiRegionConsistency: "strong" }).commit).toBeUndefined();
});

test("a crash that has not come is forgotten by recover", async () => {
  void store.crashBefore("commit");
  store.recover();
  expect(await serviceOf()("k")).toEqual({ statusCode: 201 });
});

test("a collision of reads is none, because DynamoDB has none", async () => {
  store.conflict("any");
  expect(await store.read("unused")).toBeUndefined();
  await serviceOf()("k");
  expect(callsOf()).toEqual(["read", "claim: conflict", "claim", "commit"]);
});
