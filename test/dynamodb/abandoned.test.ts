import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import {
  dueClaimIn,
  dueRequest,
  postponeRequest,
  unknownRequest,
} from "../../lib/dynamodb/abandoned.ts";
import { START_MS } from "../support/clock.ts";
import { RECORDS } from "../support/table.ts";

const CLAIM = {
  id: "id-1",
  owner: "owner-1",
  leaseUntilMs: START_MS,
  attempts: 2,
  event: "{}",
};
const ITEM = {
  id: { S: "id-1" },
  owner: { S: "owner-1" },
  state: { S: "CLAIMED" },
  due: { N: String(START_MS - 5) },
  leaseUntil: { N: String(START_MS) },
  attempts: { N: "2" },
  event: { S: "{}" },
};
const TARGET = {
  TableName: "records",
  Key: { id: { S: "id-1" } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};

test("DUE asks the index for the due claims of a function, page by page", () => {
  const request = {
    TableName: "records",
    IndexName: "due",
    KeyConditionExpression: "#function = :function AND #due <= :nowMs",
    ExpressionAttributeNames: { "#function": "function", "#due": "due" },
    ExpressionAttributeValues: { ":function": { S: "pay" }, ":nowMs": { N: String(START_MS) } },
  };
  expect(dueRequest(RECORDS, "pay", START_MS, undefined)).toStrictEqual(request);
  const startKey = { id: { S: "id-0" } };
  expect(dueRequest(RECORDS, "pay", START_MS, startKey)).toStrictEqual({
    ...request,
    ExclusiveStartKey: startKey,
  });
});

describe("a record holds a claim that a completer may have to finish", () => {
  test("if it is claimed, and in the index", () => {
    expect(dueClaimIn(ITEM)).toEqual(CLAIM);
  });

  test("for the first time, if there was no attempt yet; and may have no event", () => {
    const { attempts: _, event: __, ...item } = ITEM;
    expect(dueClaimIn(item)).toEqual({ ...CLAIM, attempts: 0, event: undefined });
  });

  test.each<[string, object | undefined]>([
    ["is not there any more", undefined],
    ["is completed", { ...ITEM, state: { S: "COMPLETED" } }],
    ["has no state", { ...ITEM, state: undefined }],
    ["is not in the index", { ...ITEM, due: undefined }],
    ["is not in the index by a number", { ...ITEM, due: { S: "soon" } }],
    ["has no lease", { ...ITEM, leaseUntil: undefined }],
    ["has no id", { ...ITEM, id: undefined }],
    ["has an id that is no text", { ...ITEM, id: { N: "1" } }],
    ["has no owner", { ...ITEM, owner: undefined }],
    ["has an owner that is no text", { ...ITEM, owner: { N: "1" } }],
  ])("but not if it %s", (_name, item) => {
    expect(dueClaimIn(item as never)).toBeUndefined();
  });

  test.each<[string, object]>([
    ["event", { event: { B: new Uint8Array([1, 2, 3]) } }],
    ["event", { event: { B: brotliCompressSync(Buffer.alloc(500_000)) } }],
    ["event", { event: { N: "1" } }],
    ["leaseUntil", { leaseUntil: { N: "1e300" } }],
    ["attempts", { attempts: { N: "-1" } }],
  ])("but is refused if its %s cannot be read: its outcome is not given up", (name, change) => {
    expect(() => dueClaimIn({ ...ITEM, ...change } as never)).toThrow(
      expect.objectContaining({
        name: "IdempotencyRecordError",
        message: expect.stringContaining(`attribute "${name}"`),
      }),
    );
  });
});

test("UNKNOWN gives up a claim that still has the owner that was read, after its lease", () => {
  expect(unknownRequest(RECORDS, CLAIM, START_MS)).toEqual({
    ...TARGET,
    UpdateExpression:
      "SET #state = :unknown REMOVE #leaseUntil, #startedAt, #claims, #steps, #function, #due, #event, #attempts",
    ConditionExpression: "#state = :claimed AND #owner = :owner AND #leaseUntil <= :nowMs",
    ExpressionAttributeNames: expect.any(Object),
    ExpressionAttributeValues: {
      ":unknown": { S: "UNKNOWN" },
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: "owner-1" },
      ":nowMs": { N: String(START_MS) },
    },
  });
});

test("POSTPONE moves the hint of a claim that still has the owner that was read, and is still in the index", () => {
  expect(postponeRequest(RECORDS, CLAIM, 3, START_MS + 60_000)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #due = :due, #attempts = :attempts",
    ConditionExpression: "#state = :claimed AND #owner = :owner AND attribute_exists(#due)",
    ExpressionAttributeNames: expect.any(Object),
    ExpressionAttributeValues: {
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: "owner-1" },
      ":due": { N: String(START_MS + 60_000) },
      ":attempts": { N: "3" },
    },
  });
});
