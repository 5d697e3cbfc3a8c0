import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { NumberValueImpl as NumberValue } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../../lib/dynamodb/index.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { ENGINES } from "../../support/engines.ts";
import { httpApiEvent } from "../../support/events.ts";
import { serviceOf } from "../../support/service.ts";
import { clientOf, createTable } from "../../support/table.ts";

describe.each(ENGINES)("on %s,", (name) => {
  let engine: Engine;
  let tableName: string;
  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    tableName = await createTable(clientOf(engine));
  }, 30_000);
  afterAll(() => engine.close());

  test.each(["start", "commit"] as const)(
    "a refused commit is CommitRefused, with any item in the way (claimAt %s)",
    async (claimAt) => {
      const client = clientOf(engine);
      const id = `account-${claimAt}`;
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: {
            id: { S: id },
            balance: { N: "12345678901234567890.1234" },
            total: { N: "9007199254740993" },
            rates: { NS: ["0.1", "123456789012345678901234567890"] },
            seal: { B: new Uint8Array([255, 0]) },
            note: { NULL: true },
            deep: { M: { list: { L: [{ BOOL: false }, { N: "1e-100" }] } } },
          },
        }),
      );
      const write = {
        Put: {
          TableName: tableName,
          Item: { id },
          ConditionExpression: "attribute_not_exists(id)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
        },
      };
      let refused: { name?: string; item?: unknown } = {};
      const store = dynamoDbStore({ tableName, client });
      const { call } = serviceOf(
        async ({ context }) => {
          try {
            return await context.idempotency.commit([write], { statusCode: 201 });
          } catch (error) {
            refused = error as typeof refused;
            return { statusCode: 422 };
          }
        },
        { store, claimAt },
      );
      expect((await call(httpApiEvent({ key: id }))).statusCode).toBe(422);
      expect(refused.name).toBe("IdempotencyCommitRefused");
      expect(refused.item).toEqual({
        id,
        balance: NumberValue.from("12345678901234567890.1234"),
        total: NumberValue.from("9007199254740993"),
        rates: new Set([0.1, NumberValue.from("123456789012345678901234567890")]),
        seal: new Uint8Array([255, 0]),
        note: null,
        deep: { list: [false, 1e-100] },
      });
      // Every repeat gets the response of the refused commit.
      expect((await call(httpApiEvent({ key: id }))).statusCode).toBe(422);
    },
  );

  test("a commit writes values as the store's marshallOptions say", async () => {
    const client = clientOf(engine);
    const marshallOptions = { removeUndefinedValues: true, convertClassInstanceToMap: true };
    class Money {
      readonly amountMinor = 5;
    }
    const store = dynamoDbStore({ tableName, client, marshallOptions });
    const item = { id: "marshalled", total: new Money(), note: undefined };
    const { call } = serviceOf(
      ({ context }) =>
        context.idempotency.commit([{ Put: { TableName: tableName, Item: item } }], {
          statusCode: 201,
        }),
      { store },
    );
    expect((await call(httpApiEvent({ key: "marshalled" }))).statusCode).toBe(201);
    const { Items } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "marshalled" } },
      }),
    );
    expect(Items).toEqual([{ id: { S: "marshalled" }, total: { M: { amountMinor: { N: "5" } } } }]);
  });
});
