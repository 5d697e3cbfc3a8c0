import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import {
  attemptRequest,
  dueClaimIn,
  dueRequest,
  postponeRequest,
  releaseUnbegunRequest,
  stuckCountRequest,
  stuckRequest,
  unknownRequest,
} from "../../lib/dynamodb/abandoned.ts";
import { START_MS } from "../support/clock.ts";
import { RECORDS } from "../support/table.ts";

const CLAIM = {
  id: "id-1",
  owner: "owner-1",
  fingerprint: "f-1",
  version: 2,
  fence: 7,
  leaseUntilMs: START_MS,
  dueMs: START_MS - 5,
  attempts: 2,
  claims: 1,
  startedAtMs: START_MS - 60_000,
  mayHaveBegun: true,
  abandoned: "complete",
  isResumable: true,
  event: "{}",
} as const;
const ITEM = {
  id: { S: "id-1" },
  owner: { S: "owner-1" },
  fingerprint: { S: "f-1" },
  version: { N: "2" },
  fence: { N: "7" },
  state: { S: "CLAIMED" },
  function: { S: "pay#3" },
  due: { N: String(START_MS - 5) },
  leaseUntil: { N: String(START_MS) },
  startedAt: { N: String(START_MS - 60_000) },
  interrupted: { S: "resume" },
  abandoned: { S: "complete" },
  steps: { L: [{ M: { name: { S: "debit" } } }] },
  attempts: { N: "2" },
  claims: { N: "1" },
  event: { S: "{}" },
};
const TARGET = {
  TableName: "records",
  Key: { id: { S: "id-1" } },
  ExpressionAttributeNames: expect.any(Object),
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};
const SEEN = {
  ":claimed": { S: "CLAIMED" },
  ":owner": { S: "owner-1" },
  ":fence": { N: "7" },
};
const NOW = { ":nowMs": { N: String(START_MS) } };
const SAME_CLAIM = "#state = :claimed AND #owner = :owner AND #fence = :fence";
const LAPSED = `${SAME_CLAIM} AND #leaseUntil <= :nowMs`;

test("DUE asks the index for the due claims of a partition, page by page", () => {
  const request = {
    TableName: "records",
    IndexName: "due",
    KeyConditionExpression: "#function = :function AND #due <= :nowMs",
    ExpressionAttributeNames: { "#function": "function", "#due": "due" },
    ExpressionAttributeValues: { ":function": { S: "pay#3" }, ":nowMs": { N: String(START_MS) } },
  };
  expect(dueRequest(RECORDS, "pay#3", START_MS, undefined)).toStrictEqual(request);
  const startKey = { id: { S: "id-0" } };
  expect(dueRequest(RECORDS, "pay#3", START_MS, startKey)).toStrictEqual({
    ...request,
    ExclusiveStartKey: startKey,
  });
});

test("the stuck records of a function are counted in their partition, without being read", () => {
  expect(stuckCountRequest(RECORDS, "pay")).toStrictEqual({
    TableName: "records",
    IndexName: "due",
    Select: "COUNT",
    KeyConditionExpression: "#function = :function",
    ExpressionAttributeNames: { "#function": "function" },
    ExpressionAttributeValues: { ":function": { S: "pay#stuck" } },
  });
});

describe("a record holds a claim that a completer may have to finish", () => {
  test("if it is claimed, and in the index", () => {
    expect(dueClaimIn(ITEM)).toEqual(CLAIM);
  });

  test("for the first time, if there was no attempt yet; and may have no event or known start", () => {
    const { attempts: _, event: __, startedAt: ___, ...item } = ITEM;
    const unknown = { attempts: 0, event: undefined, startedAtMs: undefined };
    expect(dueClaimIn(item)).toEqual({ ...CLAIM, ...unknown });
  });

  test.each<[string, object | undefined]>([
    ["is not there any more", undefined],
    ["is completed", { ...ITEM, state: { S: "COMPLETED" } }],
    ["is UNKNOWN", { ...ITEM, state: { S: "UNKNOWN" } }],
    ["has no state", { ...ITEM, state: undefined }],
    ["is not in the index", { ...ITEM, due: undefined }],
    ["is not in the index by a number", { ...ITEM, due: { S: "soon" } }],
    ["has no lease", { ...ITEM, leaseUntil: undefined }],
    ["has no id", { ...ITEM, id: undefined }],
    ["has an id that is no text", { ...ITEM, id: { N: "1" } }],
    ["has no owner", { ...ITEM, owner: undefined }],
    ["has an owner that is no text", { ...ITEM, owner: { N: "1" } }],
    ["was marked as stuck", { ...ITEM, function: { S: "pay#stuck" } }],
    ["was given up", { ...ITEM, function: { S: "pay#unknown" } }],
  ])("but not if it %s", (_name, item) => {
    expect(dueClaimIn(item as never)).toBeUndefined();
  });

  test.each<[string, object]>([
    ["event", { event: { B: new Uint8Array([1, 2, 3]) } }],
    ["event", { event: { B: brotliCompressSync(Buffer.alloc(500_000)) } }],
    ["event", { event: { N: "1" } }],
    ["fingerprint", { fingerprint: undefined }],
    ["leaseUntil", { leaseUntil: { N: "1e300" } }],
    ["attempts", { attempts: { N: "-1" } }],
    ["claims", { claims: { N: "-1" } }],
    ["fence", { fence: undefined }],
    ["version", { version: undefined }],
    ["startedAt", { startedAt: { S: "yesterday" } }],
    ["abandoned", { abandoned: { N: "1" } }],
    ["interrupted", { interrupted: { N: "1" } }],
  ])("but is refused if its %s cannot be read: its outcome is not given up", (name, change) => {
    expect(() => dueClaimIn({ ...ITEM, ...change } as never)).toThrow(
      expect.objectContaining({
        name: "IdempotencyRecordError",
        message: expect.stringContaining(`attribute "${name}"`),
      }),
    );
  });

  test("but is refused if a later version wrote it", () => {
    expect(() => dueClaimIn({ ...ITEM, version: { N: "3" } })).toThrow(
      "The record has version 3; this completer finishes records up to version 2.",
    );
  });
});

describe("work under a claim", () => {
  const { steps: _, ...unbegun } = ITEM;
  const begun = { N: String(START_MS) };

  test.each<[string, boolean, object]>([
    ["has begun with a step", true, ITEM],
    ["has begun with the mark", true, { ...unbegun, begun }],
    ["has not begun without either, if the contract resumes", false, unbegun],
    ["has begun with the claim under refuse", true, { ...unbegun, interrupted: { S: "refuse" } }],
    ["has begun with the claim under restart", true, { ...unbegun, interrupted: { S: "restart" } }],
    [
      "may have begun under version 1, which had no mark",
      true,
      { ...unbegun, version: { N: "1" } },
    ],
    ["may have begun if the contract is not known", true, { ...unbegun, interrupted: undefined }],
  ])("%s", (_name, mayHaveBegun, item) => {
    expect(dueClaimIn(item as never)?.mayHaveBegun).toBe(mayHaveBegun);
  });
});

test.each<[string, string, boolean, object]>([
  ["with an event is executed again", "complete", false, {}],
  ["without an event is given up", "unknown", false, { event: undefined }],
])("a record of version 1 %s", (_name, abandoned, isResumable, change) => {
  const item = { ...ITEM, ...change, abandoned: undefined, interrupted: undefined };
  expect(dueClaimIn({ ...item, version: { N: "1" } } as never)).toMatchObject({
    abandoned,
    isResumable,
  });
});

test("UNKNOWN gives up a lapsed claim, keeps the evidence, and keeps the record in the index", () => {
  expect(unknownRequest(RECORDS, CLAIM, "pay", START_MS)).toEqual({
    ...TARGET,
    UpdateExpression:
      "SET #state = :unknown, #function = :function, #due = :nowMs REMOVE #leaseUntil",
    ConditionExpression: LAPSED,
    ExpressionAttributeValues: {
      ...{ ...SEEN, ...NOW },
      ":unknown": { S: "UNKNOWN" },
      ":function": { S: "pay#unknown" },
    },
  });
});

test("STUCK moves a lapsed claim to another partition of the index, and leaves it claimed", () => {
  expect(stuckRequest(RECORDS, CLAIM, "pay", START_MS)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #function = :function, #due = :nowMs",
    ConditionExpression: `${LAPSED} AND attribute_exists(#due)`,
    ExpressionAttributeValues: { ...SEEN, ...NOW, ":function": { S: "pay#stuck" } },
  });
});

test("RELEASE of a claim that has taken another one over sets no end", () => {
  const release = releaseUnbegunRequest(RECORDS, { ...CLAIM, claims: 2 }, START_MS);
  expect(release.UpdateExpression).toMatch(/REMOVE .*#endsAt, #expiresAt$/);
  expect(release.UpdateExpression).not.toMatch(/SET.*#endsAt = /);
});

test("RELEASE takes a lapsed claim without a step or mark from its owner, and lets it end after a day", () => {
  const endsAt = START_MS / 1000 + 24 * 60 * 60;
  expect(releaseUnbegunRequest(RECORDS, CLAIM, START_MS)).toEqual({
    ...TARGET,
    UpdateExpression:
      "SET #owner = :completer, #fence = #fence + :one, #leaseUntil = :zero, #endsAt = :endsAt, #expiresAt = :expiresAt REMOVE #function, #due, #event, #attempts, #interrupted, #abandoned",
    ConditionExpression: `${LAPSED} AND attribute_not_exists(#steps) AND attribute_not_exists(#begun)`,
    ExpressionAttributeValues: {
      ...{ ...SEEN, ...NOW },
      ":completer": { S: "the completer" },
      ":one": { N: "1" },
      ":zero": { N: "0" },
      ":endsAt": { N: String(endsAt) },
      ":expiresAt": { N: String(endsAt + 60 * 60) },
    },
  });
});

test("ATTEMPT counts an attempt at a lapsed claim that is still due", () => {
  expect(attemptRequest(RECORDS, CLAIM, START_MS, START_MS + 60_000)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #due = :due, #attempts = :attempts",
    ConditionExpression: `${LAPSED} AND #due <= :nowMs`,
    ExpressionAttributeValues: {
      ...{ ...SEEN, ...NOW },
      ":due": { N: String(START_MS + 60_000) },
      ":attempts": { N: "3" },
    },
  });
});

test("POSTPONE moves the next attempt at a claim that is still in the index", () => {
  expect(postponeRequest(RECORDS, CLAIM, START_MS + 60_000)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #due = :due",
    ConditionExpression: `${SAME_CLAIM} AND attribute_exists(#due)`,
    ExpressionAttributeValues: { ...SEEN, ":due": { N: String(START_MS + 60_000) } },
  });
});
