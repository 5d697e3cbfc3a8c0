import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DeleteItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { boundedClient, dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { ietf, type Store } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Fault, injectFaults } from "../support/faults.ts";
import { createTransfer, problemOf, serviceOf } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

/** A store on its own table, with a client that retries twice and meets faults on the way. */
async function faultyStore(
  decide: (command: string, attempt: number) => Fault | Promise<Fault>,
  maxAttempts = 3,
) {
  const client = clientOf(engine, maxAttempts);
  const tableName = await createTable(clientOf(engine));
  const { sent } = injectFaults(client, decide);
  return { store: dynamoDbStore({ tableName, client }), sent, tableName };
}

/** The first UpdateItem is the claim, the second the completion. */
const CLAIM = 1;

describe("when the network loses a message,", () => {
  test("a claim whose reply was lost is recognised as the execution's own: the handler runs once", async () => {
    const { store, sent } = await faultyStore((_command, attempt) =>
      attempt === CLAIM ? "lost-answer" : "none",
    );
    const { call, runs } = serviceOf(createTransfer, { store });
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect(runs()).toBe(1);
    expect(sent).toEqual(["UpdateItem", "UpdateItem", "UpdateItem"]);
  });

  test("a completion whose reply was lost is recognised as the execution's own: the response stands", async () => {
    const { store, sent } = await faultyStore((_command, attempt) =>
      attempt === CLAIM + 1 ? "lost-answer" : "none",
    );
    const { call, runs, observed } = serviceOf(createTransfer, { store });
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect(sent).toHaveLength(3);
    expect(observed.at(-1)?.kind).toBe("completed");
    expect((await call(httpApiEvent({ key: "k" }))).body).toBe('{"run":1}');
    expect(runs()).toBe(1);
  });

  test("a claim that cannot reach the store fails closed: 503, and the handler does not run", async () => {
    for (const fault of ["lost-request", "throttled"] as const) {
      // The SDK waits by the machine's clock before it resends a throttled request.
      const { store } = await faultyStore(() => fault, 1);
      const { call, runs } = serviceOf(createTransfer, { store });
      const refused = await call(httpApiEvent({ key: "k" }));
      expect(refused.statusCode).toBe(503);
      expect(refused.headers?.["retry-after"]).toBe("1");
      expect(problemOf(refused).code).toBe("store_unavailable");
      expect(runs()).toBe(0);
    }
  });

  test("a claim that was applied without an answer gives way when its lease lapses", async () => {
    const { store } = await faultyStore((_command, attempt) =>
      attempt <= 3 ? "lost-answer" : "none",
    );
    const { call, runs, clock } = serviceOf(createTransfer, { store });
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(503);
    const early = await call(httpApiEvent({ key: "k" }));
    expect(problemOf(early).code).toBe("request_in_flight");
    clock.advance(11_000);
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect(runs()).toBe(1);
  });

  test("the client is told of no success that could not be recorded", async () => {
    const { store } = await faultyStore((_command, attempt) =>
      attempt > CLAIM ? "lost-request" : "none",
    );
    const { call, observed } = serviceOf(createTransfer, { store });
    const answer = await call(httpApiEvent({ key: "k" }));
    expect(answer.statusCode).toBe(503);
    expect(problemOf(answer).code).toBe("outcome_not_recorded");
    expect(observed.at(-1)).toMatchObject({
      kind: "refused",
      cause: expect.objectContaining({ name: "IdempotencyStoreError" }),
    });
  });

  test("a wait in which the record cannot be read ends with 503", async () => {
    const { store } = await faultyStore((command) =>
      command === "GetItem" ? "lost-request" : "none",
    );
    const profile = ietf({ inFlight: { waitMs: 1_000 } });
    const { call, runs } = serviceOf(() => new Promise(() => {}), { store, profile });
    void call(httpApiEvent({ key: "k" }));
    while (runs() === 0) await new Promise((next) => setImmediate(next));
    expect(problemOf(await call(httpApiEvent({ key: "k" }))).code).toBe("store_unavailable");
    expect(runs()).toBe(1);
  });

  test("a release that is lost does not change the handler's response", async () => {
    const { store } = await faultyStore((_command, attempt) =>
      attempt > CLAIM ? "lost-request" : "none",
    );
    const { call, observed } = serviceOf(() => ({ statusCode: 500 }), { store });
    expect(await call(httpApiEvent({ key: "k" }))).toEqual({ statusCode: 500 });
    expect(observed.at(-1)?.kind).toBe("unsettled");
  });

  test("a store slower than the invocation is given up in time", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const client = clientOf({ endpoint: `http://127.0.0.1:${port}` });
    const store = dynamoDbStore({ tableName: "records", client });
    const { call, runs } = serviceOf(createTransfer, { store });
    const slow = await call(httpApiEvent({ key: "k" }), { getRemainingTimeInMillis: () => 50 });
    expect(problemOf(slow).code).toBe("store_unavailable");
    expect(runs()).toBe(0);
    silent.closeAllConnections();
    silent.close();
  });
});

describe("when an execution is overtaken,", () => {
  /** The first execution hangs until its lease has lapsed and a second execution has begun. */
  async function overtaken(store: Store, second: unknown) {
    const { promise: wake, resolve } = Promise.withResolvers<void>();
    const service = serviceOf(
      async ({ count }) => {
        if (count === 1) await wake;
        return count === 1 ? { statusCode: 201, body: "stale" } : second;
      },
      { store },
    );
    const stale = service.call(httpApiEvent({ key: "k" }));
    while (service.runs() === 0) await new Promise((next) => setImmediate(next));
    service.clock.advance(11_000);
    const present = await service.call(httpApiEvent({ key: "k" }));
    resolve();
    return { stale: await stale, present, service };
  }

  test("its client gets the winner's response", async () => {
    const { store } = await faultyStore(() => "none");
    const { stale, service } = await overtaken(store, { statusCode: 201, body: "winner" });
    expect(stale).toMatchObject({ statusCode: 201, body: "winner" });
    expect(service.observed.map(({ kind }) => kind)).toContain("fenced");
    expect((await service.call(httpApiEvent({ key: "k" }))).body).toBe("winner");
  });

  test("its client gets 409 while the winner has no response, and nothing is written", async () => {
    const { store } = await faultyStore(() => "none");
    const { stale } = await overtaken(store, { statusCode: 503 });
    expect(stale.statusCode).toBe(409);
    expect(problemOf(stale).code).toBe("claim_lost");
  });

  test("a record deleted under it is not resurrected", async () => {
    const { store, tableName } = await faultyStore(() => "none");
    const client = clientOf(engine);
    const { call } = serviceOf(
      async () => {
        const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
        for (const { id } of Items) {
          await client.send(
            new DeleteItemCommand({ TableName: tableName, Key: { id: id as { S: string } } }),
          );
        }
        return { statusCode: 201 };
      },
      { store },
    );
    expect(problemOf(await call(httpApiEvent({ key: "k" }))).code).toBe("claim_lost");
    const { Count } = await client.send(new ScanCommand({ TableName: tableName }));
    expect(Count).toBe(0);
  });
});

test("of 100 identical requests at once the handler runs for one, and no request fails", async () => {
  const { store } = await faultyStore(() => "none");
  const { call, runs } = serviceOf(createTransfer, { store });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => call(httpApiEvent({ key: "k" }))),
  );
  expect(runs()).toBe(1);
  const statusCodes = new Set(answers.map(({ statusCode }) => statusCode));
  expect([...statusCodes].every((statusCode) => statusCode === 201 || statusCode === 409)).toBe(
    true,
  );
});

test.each(["start", "commit"] as const)(
  "by a clock that counts in fractions of a millisecond records can be read (claimAt %s)",
  async (claimAt) => {
    const { store } = await faultyStore(() => "none");
    const { call, clock, runs } = serviceOf(
      ({ count }) => ({ statusCode: count === 1 ? 503 : 201 }),
      { store, claimAt },
    );
    clock.advance(0.25);
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(503);
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
    expect(runs()).toBe(claimAt === "start" ? 2 : 3);
  },
);

test("no attribute holds the client's key in clear", async () => {
  const { store, tableName } = await faultyStore(() => "none");
  const { call } = serviceOf(createTransfer, { store });
  await call(httpApiEvent({ key: "very-secret-key" }));
  const { Items } = await clientOf(engine).send(new ScanCommand({ TableName: tableName }));
  expect(JSON.stringify(Items)).not.toContain("very-secret-key");
});

test("a record of an unknown version stays as it is: 500, and the handler does not run", async () => {
  const { store, tableName } = await faultyStore(() => "none");
  const { call, runs, observed } = serviceOf(createTransfer, { store });
  await call(httpApiEvent({ key: "k" }));
  const client = clientOf(engine);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: tableName }));
  const future = { ...Items[0], version: { N: "3" } };
  await client.send(new PutItemCommand({ TableName: tableName, Item: future }));
  const refused = await call(httpApiEvent({ key: "k" }));
  expect(refused.statusCode).toBe(500);
  expect(problemOf(refused).code).toBe("record_unreadable");
  expect(runs()).toBe(1);
  expect(JSON.stringify(observed.at(-1))).toContain("refused");
});

test("the client that the store makes by itself gives up in time", async () => {
  const client = boundedClient({ region: "eu-central-1" });
  expect(await client.config.maxAttempts()).toBe(3);
  const { connectionTimeout, requestTimeout, throwOnRequestTimeout } = await (
    client.config.requestHandler as unknown as { configProvider: Promise<Record<string, unknown>> }
  ).configProvider;
  expect({ connectionTimeout, requestTimeout, throwOnRequestTimeout }).toEqual({
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
  });
});
