import { describe, expect, test } from "@jest/globals";
import { checkpointRequest, completeRequest } from "../../lib/dynamodb/expressions.ts";
import { commitRequest } from "../../lib/dynamodb/transaction.ts";
import type { CommitRequest } from "../../lib/protocol/store.ts";
import type { TransactWrite } from "../../lib/protocol/transact-write.ts";
import { RECORDS } from "../support/table.ts";

const NOW_MS = 5_999;
const completion = {
  id: "id-1",
  owner: "me",
  fence: 7,
  response: "{}",
  expiresAtSeconds: undefined,
};
const checkpoint = { id: "id-1", owner: "me", fence: 7, index: 0, step: { name: "debit" } };

const createRequest = (writes: unknown): CommitRequest =>
  ({ completion, writes, nowMs: NOW_MS, token: "token-1" }) as CommitRequest;
const createCommit = (writes: unknown) => commitRequest(RECORDS, createRequest(writes));

const put = (id: string, more: object = {}): TransactWrite => ({
  Put: { TableName: "accounts", Item: { id, ...more } },
});
const key = (id: string, TableName = "accounts") => ({ TableName, Key: { id } });

describe("a commit", () => {
  test("has the record first, then the business writes, as DynamoDB's values, under its token", () => {
    const update = {
      ...key("b"),
      UpdateExpression: "SET #n = :n",
      ExpressionAttributeNames: { "#n": "n" },
      ExpressionAttributeValues: { ":n": 1 },
    };
    const check = { ...key("d"), ConditionExpression: "attribute_exists(id)" };
    const writes = [
      put("a", { n: 7 }),
      { Update: update },
      { Delete: key("c") },
      { ConditionCheck: check },
    ];
    expect(createCommit(writes)).toEqual({
      ClientRequestToken: "token-1",
      TransactItems: [
        { Update: completeRequest(RECORDS, completion, NOW_MS) },
        { Put: { TableName: "accounts", Item: { id: { S: "a" }, n: { N: "7" } } } },
        {
          Update: {
            ...update,
            Key: { id: { S: "b" } },
            ExpressionAttributeValues: { ":n": { N: "1" } },
          },
        },
        { Delete: { TableName: "accounts", Key: { id: { S: "c" } } } },
        { ConditionCheck: { ...check, Key: { id: { S: "d" } } } },
      ],
    });
  });

  test("of a step records the step, and not an end", () => {
    const request = { checkpoint, writes: [], nowMs: NOW_MS, token: "token-1" };
    const { TransactItems = [] } = commitRequest(RECORDS, request);
    expect(TransactItems).toHaveLength(1);
    expect(TransactItems[0]?.Update).toEqual(checkpointRequest(RECORDS, checkpoint, NOW_MS));
    expect(TransactItems[0]?.Update?.UpdateExpression).toMatch(/^SET #steps = :step /);
  });

  test.each<[string, CommitRequest]>([
    ["a completion", createRequest([])],
    ["a step", { checkpoint, writes: [], nowMs: NOW_MS, token: "token-1" }],
  ])("of %s is refused once the claim has ended, in whole seconds", (_what, request) => {
    const { TransactItems = [] } = commitRequest(RECORDS, request);
    const { ConditionExpression, ExpressionAttributeValues } = TransactItems[0]?.Update ?? {};
    expect(ConditionExpression).toMatch(
      / AND \(attribute_not_exists\(#endsAt\) OR #endsAt > :nowSeconds\)$/,
    );
    expect(ExpressionAttributeValues).toMatchObject({ ":nowSeconds": { N: "5" } });
  });

  test("of 99 writes is the largest", () => {
    const writes = Array.from({ length: 99 }, (_, n) => put(`${n}`));
    expect(createCommit(writes).TransactItems).toHaveLength(100);
  });

  test("of exactly 4 MB is allowed, and of a byte more is not", () => {
    // Each put has 2 bytes of the name of its key, 1 of the key and 4 of the name "text".
    const record = itemsBytes([]);
    const room = 4 * 1024 * 1024 - record - 7;
    expect(() => createCommit([put("a", { text: "x".repeat(room) })])).not.toThrow();
    expect(() => createCommit([put("a", { text: "x".repeat(room + 1) })])).toThrow(
      "commit: the writes have 4194305 bytes; the most is 4194304.",
    );
  });

  test("counts the values of an update as well", () => {
    const values = { ":text": "x".repeat(5_000_000) };
    const update = {
      ...key("a"),
      UpdateExpression: "SET t = :text",
      ExpressionAttributeValues: values,
    };
    expect(() => createCommit([{ Update: update }])).toThrow("the most is 4194304");
  });

  test.each<[string, unknown, string]>([
    [
      "100 writes",
      Array.from({ length: 100 }, (_, n) => put(`${n}`)),
      "commit: expected a list of 0 to 99 writes (the record is the hundredth), got 100.",
    ],
    [
      "no list",
      put("a"),
      "commit: expected a list of 0 to 99 writes (the record is the hundredth), got object.",
    ],
    [
      "a write that is none",
      [put("a"), {}],
      "commit: write 1 has 0 of Put, Update, Delete, ConditionCheck; expected exactly one.",
    ],
    [
      "a write that is null",
      [null],
      "commit: write 0 has 0 of Put, Update, Delete, ConditionCheck; expected exactly one.",
    ],
    [
      "a write that is two",
      [{ ...put("a"), Delete: key("b") }],
      "commit: write 0 has 2 of Put, Update, Delete, ConditionCheck; expected exactly one.",
    ],
    [
      "a write that is null inside",
      [{ Put: null }],
      "commit: write 0, Put.TableName is undefined; expected the name of a table",
    ],
    [
      "a table whose name is missing",
      [put("a"), { Delete: { TableName: undefined, Key: { id: "b" } } }],
      "commit: write 1, Delete.TableName is undefined; expected the name of a table (is the environment variable that holds it set?).",
    ],
    [
      "a table whose name is a number",
      [{ Put: { TableName: 1n, Item: {} } }],
      "commit: write 0, Put.TableName is 1n; expected the name of a table",
    ],
    [
      "a hole in the list",
      new Array(1),
      "commit: write 0 has 0 of Put, Update, Delete, ConditionCheck; expected exactly one.",
    ],
    [
      "two writes of one item",
      [{ Delete: key("a") }, { ConditionCheck: key("a") }],
      "commit: write 1 is to the same item as write 0; a transaction writes each item once.",
    ],
    [
      "a write of the record",
      [{ Delete: key("id-1", "records") }],
      "commit: write 0 is to the same item as the record; a transaction writes each item once.",
    ],
    [
      "a put of the record",
      [put("a"), { Put: { TableName: "records", Item: { id: "id-1", n: 1 } } }],
      "commit: write 1 is to the same item as the record; a transaction writes each item once.",
    ],
    [
      "a value that is none",
      [{ Delete: { TableName: "accounts", Key: { id: undefined } } }],
      "commit: write 0, Delete.Key: Pass options.removeUndefinedValues=true",
    ],
  ])("with %s is refused, and the message says why", (_name, writes, message) => {
    expect(() => createCommit(writes)).toThrow(message);
    expect(() => createCommit(writes)).toThrow(
      expect.objectContaining({ name: "IdempotencyCommitError" }),
    );
  });

  test("with a value that is none keeps the error behind it", () => {
    const failing = () => createCommit([put("a", { n: undefined })]);
    expect(failing).toThrow(expect.objectContaining({ cause: expect.any(Error) }));
  });

  test.each<[string, TransactWrite[]]>([
    ["the same id in two tables", [{ Delete: key("a") }, { Delete: key("a", "others") }]],
    ["the record's id in another table", [put("id-1"), { Delete: key("id-1", "others") }]],
    ["neither key nor item", [{ Put: { TableName: "accounts" } } as unknown as TransactWrite]],
    ["puts, because only DynamoDB knows their keys", [put("a"), put("a")]],
    ["a put of another kind of key", [{ Put: { TableName: "accounts", Item: { name: "n" } } }]],
    ["a delete behind a put of the same item", [put("a"), { Delete: key("a") }]],
    ["a put behind a delete of the same item", [{ Delete: key("a") }, put("a")]],
  ])("with %s is left to DynamoDB", (_name, writes) => {
    expect(createCommit(writes).TransactItems).toHaveLength(writes.length + 1);
  });
});

/** The bytes that the record itself adds, as the refusal of a commit tells them. */
function itemsBytes(writes: readonly TransactWrite[]): number {
  const large = put("a", { text: "x".repeat(5_000_000) });
  try {
    createCommit([...writes, large]);
  } catch (error) {
    const [, bytes] = /have (\d+) bytes/.exec((error as Error).message) ?? [];
    return Number(bytes) - 5_000_007;
  }
  throw new Error("a commit of 5 MB was not refused");
}
