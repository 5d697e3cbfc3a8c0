import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  type EngineUnderTest,
  startEngineUnderTest,
} from "../../bench/measuring/engine-under-test.ts";
import { meterWire, type WireMeter } from "../../bench/wire/wire-meter.ts";
import { missingEngine } from "../../local/engine.ts";
import { localClient } from "../../local/tables.ts";
import { startTap, type Tap } from "../../local/tap.ts";

let engine: EngineUnderTest;
let tap: Tap;
let meter: WireMeter;
let client: DynamoDBClient;

beforeAll(async () => {
  engine = await startEngineUnderTest();
  tap = await startTap(engine.endpoint);
  meter = meterWire(tap, engine.direct);
  client = localClient(tap.endpoint());
});

afterAll(async () => {
  client.destroy();
  await tap.close();
  await engine.close();
});

const TableName = "records";
const ReturnConsumedCapacity = "TOTAL" as const;
const big = (id: string) => ({ id: { S: id }, text: { S: "x".repeat(10_300) } });
const Key = { id: { S: "a" } };

// Dynoxide reports the units that DynamoDB would, but none for refused writes. DynamoDB Local counts
// transactions twice over, and the in-memory engine counts nothing: without Dynoxide nothing can be compared.
const onDynoxide = missingEngine("dynoxide") === undefined ? test : test.skip;

onDynoxide("the meter agrees with the engine for requests of every kind", async () => {
  const set = {
    UpdateExpression: "SET seen = :seen",
    ExpressionAttributeValues: { ":seen": { S: "yes" } },
  };
  const put = { TableName, Item: big("a"), ReturnConsumedCapacity };
  const read = { TableName, Key, ReturnConsumedCapacity };
  const counted = [
    () => client.send(new PutItemCommand(put)),
    () => client.send(new UpdateItemCommand({ TableName, Key, ...set, ReturnConsumedCapacity })),
    () => client.send(new GetItemCommand({ ...read, ConsistentRead: true })),
    () => client.send(new GetItemCommand(read)),
    () => client.send(new GetItemCommand({ ...read, Key: { id: { S: "missing" } } })),
    () => client.send(new PutItemCommand({ ...put, Item: Key })),
  ];
  for (const send of counted) {
    const { ConsumedCapacity } = await send();
    const { writeUnits, readUnits } = meter.take();
    expect(writeUnits + readUnits).toBe(ConsumedCapacity?.CapacityUnits);
  }
  const TransactItems = [big("b"), { id: { S: "c" } }].map((Item) => ({
    Put: { TableName, Item },
  }));
  const transaction = new TransactWriteItemsCommand({ TransactItems, ReturnConsumedCapacity });
  const { ConsumedCapacity } = await client.send(transaction);
  expect(meter.take().writeUnits).toBe(ConsumedCapacity?.[0]?.CapacityUnits);
});

test("a refused write costs the size of the existing item", async () => {
  await client.send(new PutItemCommand({ TableName, Item: big("b") }));
  meter.take();
  const input = {
    TableName,
    Item: { id: { S: "b" } },
    ConditionExpression: "attribute_not_exists(id)",
  };
  await expect(client.send(new PutItemCommand(input))).rejects.toThrow("conditional");
  expect(meter.take()).toEqual({ roundTrips: 1, writeUnits: 11, readUnits: 0 });
});
