import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../../local/engine.ts";
import { createRefusal } from "../../local/refusal.ts";
import { localClient } from "../../local/tables.ts";
import { type RequestVerdict, startTap, type Tap, type TapRequest } from "../../local/tap.ts";
import { until } from "./processes.ts";

const TableName = "Items";

let engine: Engine;
let tap: Tap;
let direct: ReturnType<typeof localClient>;
let tapped: ReturnType<typeof localClient>;

beforeAll(async () => {
  engine = await startEngine();
  direct = localClient(engine.endpoint);
  await direct.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
});

beforeEach(async () => {
  await direct.send(new PutItemCommand({ TableName, Item: { id: { S: "a" }, count: { N: "0" } } }));
  tap = await startTap(engine.endpoint);
  tapped = localClient(tap.endpoint("Fixture-1"));
});

afterEach(async () => {
  tapped.destroy();
  await tap.close();
});

afterAll(async () => {
  direct.destroy();
  await engine.close();
});

async function increment() {
  await tapped.send(
    new UpdateItemCommand({
      TableName,
      Key: { id: { S: "a" } },
      UpdateExpression: "ADD #count :one",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    }),
  );
}

async function storedCount(): Promise<number> {
  const { Item } = await direct.send(
    new GetItemCommand({ TableName, Key: { id: { S: "a" } }, ConsistentRead: true }),
  );
  return Number(Item?.count?.N);
}

function once(verdict: RequestVerdict): void {
  let isFirst = true;
  tap.onRequest(() => {
    if (!isFirst) return "forward";
    isFirst = false;
    return verdict;
  });
}

test("without hooks a request passes as if the tap were not there", async () => {
  await increment();
  expect(await storedCount()).toBe(1);
});

test("a hook sees operation, body and the environment that sent it", async () => {
  const seen: TapRequest[] = [];
  const remove = tap.onRequest((request) => void seen.push(request));
  await increment();
  remove();
  await increment();
  expect(seen).toEqual([
    {
      sequence: 1,
      operation: "UpdateItem",
      environmentId: "Fixture-1",
      body: expect.objectContaining({ TableName, Key: { id: { S: "a" } } }),
    },
  ]);
});

test("a dropped request never reaches the engine, so the client's resend counts once", async () => {
  once("drop-request");
  await increment();
  expect(await storedCount()).toBe(1);
});

test("a dropped answer leaves the write done, so the client's resend counts twice", async () => {
  once("drop-answer");
  await increment();
  expect(await storedCount()).toBe(2);
});

test("a request can be forwarded twice", async () => {
  once("forward-twice");
  await increment();
  expect(await storedCount()).toBe(2);
});

test("a request can be delayed", async () => {
  once({ delayMs: 50 });
  const startedMs = performance.now();
  await increment();
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(45);
  expect(await storedCount()).toBe(1);
});

test("a request can arrive late, and its client does not wait for it", async () => {
  once({ lateMs: 60_000 });
  await increment();
  expect(await storedCount()).toBe(1);
});

test("a late request is carried out as well", async () => {
  once({ lateMs: 20 });
  await increment();
  await until(async () => (await storedCount()) === 2, "the late one is there");
});

test("a request can be answered in the engine's place", async () => {
  once(createRefusal("TransactionConflictException"));
  await expect(increment()).rejects.toMatchObject({ name: "TransactionConflictException" });
  expect(await storedCount()).toBe(0);
});

test("the request hook is awaited before the engine sees the request", async () => {
  const counts: number[] = [];
  tap.onRequest(async () => {
    counts.push(await storedCount());
    return undefined;
  });
  await increment();
  expect(counts).toEqual([0]);
});

test("the answer hook is awaited after the engine's answer, and can lose it", async () => {
  const counts: number[] = [];
  tap.onAnswer(async (_request, answer) => {
    expect(answer.status).toBe(200);
    counts.push(await storedCount());
    return counts.length === 1 ? "drop" : "pass";
  });
  await increment();
  expect(counts).toEqual([1, 2]);
});

test("a hook that throws is not mistaken for a lost answer", async () => {
  tap.onRequest(() => {
    throw new Error("on purpose");
  });
  await expect(increment()).rejects.toThrow("A hook of the tap failed: Error: on purpose");
  expect(await storedCount()).toBe(0);
});
