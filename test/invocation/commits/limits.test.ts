import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { memoryStore, type TransactWrite } from "../../../lib/index.ts";
import type { Observation } from "../../../lib/observe.ts";
import { recordId } from "../../../lib/protocol/key.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import { injectFaults } from "../../support/faults.ts";
import { serviceOf } from "../../support/service.ts";
import { clientOf, createTable } from "../../support/table.ts";

let engine: Engine;
let tableName: string;
beforeAll(async () => {
  engine = await startEngine();
  tableName = await createTable(clientOf(engine));
}, 30_000);
afterAll(() => engine.close());

const put = (id: string, more: Record<string, unknown> = {}): TransactWrite => ({
  Put: { TableName: tableName, Item: { id, ...more } },
});
const remove = (id: string): TransactWrite => ({ Delete: { TableName: tableName, Key: { id } } });

/** Commits in a handler of its own. @returns the request and its outcome. */
async function commit(
  writes: unknown,
  response: { statusCode: number; body?: string } = { statusCode: 201 },
  options: object = {},
) {
  const client = clientOf(engine);
  const { sent } = injectFaults(client, () => "none");
  const store = dynamoDbStore({ tableName, client });
  const { call } = serviceOf(
    ({ context }) => context.idempotency.commit(writes as TransactWrite[], response),
    { store, claimAt: "commit", ...options },
  );
  const answer = call(httpApiEvent({ key: "k", path: `/${Math.random()}` }));
  return { answer, sent };
}

describe("before anything is sent, a commit is refused with", () => {
  const RECORD = recordId({ tenant: "the only tenant", operation: "one", key: "k" });

  test.each<[string, () => unknown, RegExp]>([
    [
      "100 writes",
      () => Array.from({ length: 100 }, (_, n) => put(`${n}`)),
      /0 to 99 writes .* got 100/,
    ],
    ["no list", () => put("a"), /expected a list .* got object/],
    ["a write that is none", () => [put("a"), {}], /write 1 has 0 of Put, Update/],
    [
      "a write that is two",
      () => [{ ...put("a"), ...remove("b") }],
      /write 0 has 2 of Put, Update/,
    ],
    [
      "two writes of one item",
      () => [remove("a"), remove("a")],
      /write 1 is to the same item as write 0/,
    ],
    [
      "a put of the record",
      () => [put("a"), put(RECORD)],
      /write 1 is to the same item as the record/,
    ],
    ["a write of the record", () => [remove(RECORD)], /write 0 is to the same item as the record/],
    ["a value that is none", () => [put("a", { n: undefined })], /write 0, Put\.Item: .*undefined/],
    [
      "more than 4 MB",
      () => Array.from({ length: 12 }, (_, n) => put(`${n}`, { text: "x".repeat(380_000) })),
      /the writes have \d+ bytes; the most is 4194304/,
    ],
  ])("%s", async (_name, writes, message) => {
    const { answer, sent } = await commit(writes(), undefined, { operation: "one" });
    await expect(answer).rejects.toMatchObject({
      name: "IdempotencyCommitError",
      message: expect.stringMatching(message),
    });
    expect(sent).not.toContain("TransactWriteItems");
  });

  test("a response that is too large to be stored", async () => {
    const { answer, sent } = await commit([put("a")], {
      statusCode: 201,
      body: "x".repeat(500_000),
    });
    await expect(answer).rejects.toThrow(/the response cannot be stored: it has 500\d+ bytes/);
    expect(sent).not.toContain("TransactWriteItems");
  });
});

test.each([[], [undefined], [null], [201], ["created"]])(
  "a commit without a response that a client could get is refused before anything is sent: %p",
  async (...response) => {
    const client = clientOf(engine);
    const { sent } = injectFaults(client, () => "none");
    const { call } = serviceOf(
      ({ context: { idempotency } }) =>
        (idempotency.commit as (...all: unknown[]) => unknown)([put("a")], ...response),
      { store: dynamoDbStore({ tableName, client }) },
    );
    await expect(call(httpApiEvent({ key: `none-${response}` }))).rejects.toMatchObject({
      name: "IdempotencyCommitError",
      message: expect.stringMatching(
        /^commit: the response cannot be stored: it is (undefined|null|201|'created')\. Nothing was written\./,
      ),
    });
    expect(sent).not.toContain("TransactWriteItems");
  },
);

test("99 writes are committed", async () => {
  const { answer } = await commit(Array.from({ length: 99 }, (_, n) => put(`many-${n}`)));
  expect((await answer).statusCode).toBe(201);
});

test("a commit without writes records the response", async () => {
  const { answer, sent } = await commit([]);
  expect((await answer).statusCode).toBe(201);
  expect(sent).toEqual(["TransactWriteItems"]);
});

test('with largeResponse "omit-body" the effect happens, and repeats get a note', async () => {
  const response = { statusCode: 201, body: "x".repeat(500_000) };
  const observed: Observation[] = [];
  const { answer } = await commit([put("large")], response, {
    largeResponse: "omit-body",
    observe: (observation: Observation) => observed.push(observation),
  });
  expect(await answer).toEqual(response);
  expect(observed).toContainEqual({
    kind: "bodyNotKept",
    recordId: expect.any(String),
    reason: expect.stringContaining("bytes"),
  });
});

test.each<[string, () => TransactWrite[], RegExp]>([
  [
    "a table that does not exist",
    () => [{ Put: { TableName: "none", Item: { id: "a" } } }],
    /ResourceNotFound/,
  ],
  ["a put without its key", () => [{ Put: { TableName: tableName, Item: { x: 1 } } }], /key/],
  ["two puts of one item", () => [put("a"), put("a")], /multiple operations on one item/],
])(
  "a fault that only DynamoDB can find is a programmer's error too: %s",
  async (_name, writes, message) => {
    const { answer } = await commit(writes());
    await expect(answer).rejects.toMatchObject({
      name: "IdempotencyCommitError",
      message: expect.stringMatching(message),
    });
  },
);

test("committing twice is refused, and the first commit stands", async () => {
  const store = dynamoDbStore({ tableName, client: clientOf(engine) });
  const { call } = serviceOf(
    async ({ context: { idempotency } }) => {
      const answer = await idempotency.commit([put("twice")], { statusCode: 201 });
      await expect(idempotency.commit([put("again")], { statusCode: 202 })).rejects.toThrow(
        "it was called before",
      );
      return answer;
    },
    { store },
  );
  expect((await call(httpApiEvent({ key: "twice" }))).statusCode).toBe(201);
});

test("a store without transactions says so, when the function starts or when it commits", async () => {
  expect(() => serviceOf(() => {}, { store: memoryStore(), claimAt: "commit" })).toThrow(
    /claimAt "commit" needs a store that commits/,
  );
  const { call } = serviceOf(({ context }) => context.idempotency.commit([], { statusCode: 201 }));
  await expect(call(httpApiEvent({ key: "k" }))).rejects.toThrow(/commit\(\) needs a store that/);
});

test("a table with strong multi-Region consistency has no transactions, and says so at the start", () => {
  const store = dynamoDbStore({ tableName, multiRegionConsistency: "strong" });
  expect(() => serviceOf(() => {}, { store, claimAt: "commit" })).toThrow(
    /claimAt "commit" needs a store that commits.*without strong multi-Region consistency/,
  );
});

describe("claiming at the commit, a response without a commit", () => {
  test("is recorded by itself, in one write", async () => {
    const client = clientOf(engine);
    const { sent } = injectFaults(client, () => "none");
    const store = dynamoDbStore({ tableName, client });
    const { call, runs } = serviceOf(({ count }) => ({ statusCode: 404, body: `${count}` }), {
      store,
      claimAt: "commit",
    });
    const event = httpApiEvent({ key: "uncommitted" });
    expect((await call(event)).body).toBe("1");
    expect(sent).toEqual(["UpdateItem"]);
    expect((await call(event)).body).toBe("1");
    expect(runs()).toBe(2);
  });

  test("is refused, if the route says so, and nothing is recorded", async () => {
    const store = dynamoDbStore({ tableName, client: clientOf(engine) });
    const { call } = serviceOf(() => ({ statusCode: 201 }), {
      store,
      claimAt: "commit",
      uncommitted: "refuse",
    });
    const failing = call(httpApiEvent({ key: "refused" }));
    await expect(failing).rejects.toThrow(/ended without commit\(\)/);
  });

  test("is not recorded if it is a failure: the next attempt runs", async () => {
    const store = dynamoDbStore({ tableName, client: clientOf(engine) });
    const { call } = serviceOf(({ count }) => ({ statusCode: count === 1 ? 503 : 201 }), {
      store,
      claimAt: "commit",
    });
    expect((await call(httpApiEvent({ key: "failure" }))).statusCode).toBe(503);
    expect((await call(httpApiEvent({ key: "failure" }))).statusCode).toBe(201);
  });

  test("a handler that throws leaves nothing behind", async () => {
    const store = dynamoDbStore({ tableName, client: clientOf(engine) });
    const { call } = serviceOf(
      ({ count }) => {
        if (count === 1) throw new Error("crash");
        return { statusCode: 201 };
      },
      { store, claimAt: "commit" },
    );
    await expect(call(httpApiEvent({ key: "crash" }))).rejects.toThrow("crash");
    expect((await call(httpApiEvent({ key: "crash" }))).statusCode).toBe(201);
  });
});
