import { type DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { inMemoryDynamoDb } from "../../../lib/testing/engine/database.ts";
import { RESERVED_WORDS } from "../../../lib/testing/engine/reserved-words.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { clientOf, createTable } from "../../support/table.ts";
import { sendRaw } from "./raw-request.ts";

let engine: Engine;
let client: DynamoDBClient;
let TableName: string;

beforeAll(async () => {
  engine = await startEngine({ engine: "in-memory" });
  client = clientOf(engine);
  TableName = await createTable(client);
});

afterAll(() => engine.close());

const KEY = { id: { S: "a" } };

test.each([
  ["an operation", "UpdateTable", {}, "UpdateTable"],
  ["a parameter", "PutItem", { Item: KEY, Expected: {} }, "The parameter Expected of PutItem"],
  [
    "a value of a parameter",
    "PutItem",
    { Item: KEY, ReturnConsumedCapacity: "TOTAL" },
    "ReturnConsumedCapacity: TOTAL, in PutItem,",
  ],
  [
    "a path into an attribute",
    "PutItem",
    { Item: KEY, ConditionExpression: "attribute_not_exists(a.b)" },
    'A path into the attribute a, in the expression "attribute_not_exists(a.b)",',
  ],
  [
    "a parameter of an action",
    "TransactWriteItems",
    {
      TableName: undefined,
      TransactItems: [{ Put: { TableName: "records", Item: KEY, Expected: {} } }],
    },
    "The parameter Expected of The action Put",
  ],
  ["a parallel scan", "Scan", { Segment: 0, TotalSegments: 2 }, "The parameter Segment of Scan"],
])("%s that is not implemented is refused by its name", async (_, operation, input, name) => {
  const refused = await sendRaw(engine.endpoint, operation, { TableName, ...input });
  expect(refused).toMatchObject({
    status: 400,
    error: "ValidationException",
    message: `${name} is not implemented by the in-memory engine.`,
  });
  expect((await client.send(new ScanCommand({ TableName }))).Count).toBe(0);
});

test.each([
  ["no JSON", "{oops", "SerializationException"],
  ["no object", "[]", "ValidationException"],
  ["a key that is no object", '{"TableName":"records","Key":"a"}', "ValidationException"],
  ["a table's name that is no text", '{"TableName":7,"Key":{}}', "ValidationException"],
])("%s is refused", async (_, body, error) => {
  expect(await sendRaw(engine.endpoint, "GetItem", body)).toMatchObject({ status: 400, error });
});

test("a request of another protocol is refused", async () => {
  const response = await fetch(engine.endpoint, { method: "GET" });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    __type: "com.amazon.coral.service#UnknownOperationException",
  });
});

test("a request of a batch that is no object is refused", async () => {
  const RequestItems = { [TableName]: [null] };
  expect(await sendRaw(engine.endpoint, "BatchWriteItem", { RequestItems })).toMatchObject({
    error: "ValidationException",
  });
});

test("a placeholder of a name stands for a text", async () => {
  const asked = { TableName, Key: KEY, ProjectionExpression: "#n" };
  const refused = await sendRaw(engine.endpoint, "GetItem", {
    ...{ ...asked, ExpressionAttributeNames: { "#n": 5 } },
  });
  expect(refused).toMatchObject({ error: "ValidationException" });
});

test("an answer carries the checksum of its bytes", async () => {
  const response = await fetch(engine.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "DynamoDB_20120810.ListTables" },
    body: "{}",
  });
  const { crc32 } = await import("node:zlib");
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.headers.get("x-amz-crc32")).toBe(String(crc32(bytes)));
  expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.0");
});

test("a binary value comes back in its bytes, wherever it is", async () => {
  const B = new Uint8Array([0, 255, 128]);
  const Item = { ...KEY, b: { B }, set: { BS: [B] }, m: { M: { B: { L: [{ B }] } } } };
  await client.send(new PutItemCommand({ TableName, Item }));
  expect((await client.send(new ScanCommand({ TableName }))).Items).toEqual([Item]);
});

test("a page ends after 1 MB, and the next one goes on behind it", async () => {
  const database = inMemoryDynamoDb(() => 0);
  const schema = {
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  };
  database.carryOut("CreateTable", { TableName: "large", ...schema });
  for (const id of ["a", "b", "c", "d", "e"]) {
    const Item = { id: { S: id }, text: { S: "x".repeat(400_000) } };
    database.carryOut("PutItem", { TableName: "large", Item });
  }
  const scan = (ExclusiveStartKey?: object) => {
    const asked = { TableName: "large", ...(ExclusiveStartKey && { ExclusiveStartKey }) };
    return database.carryOut("Scan", asked).output as { Count: number; LastEvaluatedKey?: object };
  };
  const first = scan();
  expect(first).toMatchObject({ Count: 3, LastEvaluatedKey: { id: { S: "c" } } });
  expect(scan(first.LastEvaluatedKey)).toMatchObject({ Count: 2 });
  expect(scan(first.LastEvaluatedKey)).not.toHaveProperty("LastEvaluatedKey");
});

test("the token of a transaction is known for ten minutes, by the engine's clock", () => {
  let nowMs = 0;
  const database = inMemoryDynamoDb(() => nowMs);
  database.carryOut("CreateTable", {
    TableName: "counters",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
  const count = () => {
    const Update = {
      ...{ TableName: "counters", Key: KEY, UpdateExpression: "ADD n :one" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    const transaction = { ClientRequestToken: "token", TransactItems: [{ Update }] };
    database.carryOut("TransactWriteItems", transaction);
    return database.items("counters").get("a")?.n;
  };
  expect(count()).toEqual({ N: "1" });
  nowMs = 10 * 60_000 - 1;
  expect(count()).toEqual({ N: "1" });
  nowMs += 1;
  expect(count()).toEqual({ N: "2" });
});

test("texts are in the order of their bytes, as DynamoDB has them", async () => {
  const database = inMemoryDynamoDb(() => 0);
  database.carryOut("CreateTable", {
    TableName: "texts",
    AttributeDefinitions: ["id", "text"].map((AttributeName) => ({
      AttributeName,
      AttributeType: "S",
    })),
    KeySchema: [
      { AttributeName: "id", KeyType: "HASH" },
      { AttributeName: "text", KeyType: "RANGE" },
    ],
  });
  const inOrder = ["Z", "a", "é", "\uffee", "🂡"];
  for (const text of inOrder.toReversed()) {
    database.carryOut("PutItem", { TableName: "texts", Item: { ...KEY, text: { S: text } } });
  }
  const { Items } = database.carryOut("Query", {
    ...{ TableName: "texts", KeyConditionExpression: "id = :id" },
    ExpressionAttributeValues: { ":id": KEY.id },
  }).output as { Items: { text: { S: string } }[] };
  expect(Items.map(({ text }) => text.S)).toEqual(inOrder);
});

test("DynamoDB's 573 reserved words need a placeholder", async () => {
  expect(RESERVED_WORDS.size).toBe(573);
  const refused = await sendRaw(engine.endpoint, "GetItem", {
    ...{ TableName, Key: KEY, ProjectionExpression: "Zone" },
  });
  expect(refused.message).toBe("Attribute name is a reserved keyword; reserved keyword: Zone");
});

test("a request on which the engine itself fails is answered with 500, and the cause", async () => {
  const failed = await sendRaw(engine.endpoint, "CreateTable", {
    ...{ TableName: "failing", AttributeDefinitions: [] },
    KeySchema: [null],
  });
  expect(failed).toMatchObject({ status: 500, error: "InternalServerError" });
  expect(failed.message).toContain("TypeError");
});
