import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "@jest/globals";
import {
  checkpointRequest,
  claimRequest,
  completeRequest,
  extendRequest,
  freeRequest,
  readRequest,
  releaseRequest,
} from "../../lib/dynamodb/expressions.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";
import { RECORDS } from "../support/table.ts";

const NOW_MS = START_MS + 250;
const NOW_SECONDS = START_MS / 1000;

const CLAIM: ClaimRequest = {
  id: "id-1",
  owner: "me",
  fingerprint: "fingerprint-1",
  nowMs: NOW_MS,
  leaseUntilMs: NOW_MS + 11_000,
  expiresAtSeconds: NOW_SECONDS + 86_400,
  takeover: "allowed",
};
const COMPLETE = { id: "id-1", owner: "me", response: '{"statusCode":201}' };
const MINE = { id: "id-1", owner: "me" };

/** The members that every conditional write has. */
const TARGET = {
  TableName: "records",
  Key: { id: { S: "id-1" } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};
const STILL_MINE = "#state = :claimed AND #owner = :me";

describe("CLAIM", () => {
  test("takes an id that is unused, expired, or the same request's with a lapsed lease", () => {
    expect(claimRequest(RECORDS, CLAIM)).toEqual({
      ...TARGET,
      UpdateExpression: [
        "SET #state = :claimed, #owner = :me, #fingerprint = :fingerprint,",
        "#leaseUntil = :leaseUntil, #version = :version,",
        "#fence = if_not_exists(#fence, :nowMs) + :one,",
        "#startedAt = if_not_exists(#startedAt, :nowMs), #claims = if_not_exists(#claims, :zero) + :one,",
        "#expiresAt = :expiresAt REMOVE #response",
      ].join(" "),
      ConditionExpression: [
        "attribute_not_exists(#id) OR (#owner <> :me AND (#expiresAt <= :nowSeconds OR",
        "(#state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version)))",
      ].join(" "),
      ExpressionAttributeNames: {
        "#id": "id",
        "#state": "state",
        "#owner": "owner",
        "#fingerprint": "fingerprint",
        "#leaseUntil": "leaseUntil",
        "#version": "version",
        "#fence": "fence",
        "#startedAt": "startedAt",
        "#claims": "claims",
        "#expiresAt": "expiresAt",
        "#response": "response",
      },
      ExpressionAttributeValues: {
        ":claimed": { S: "CLAIMED" },
        ":me": { S: "me" },
        ":fingerprint": { S: "fingerprint-1" },
        ":leaseUntil": { N: String(NOW_MS + 11_000) },
        ":version": { N: "1" },
        ":nowMs": { N: String(NOW_MS) },
        ":nowSeconds": { N: String(NOW_SECONDS) },
        ":one": { N: "1" },
        ":zero": { N: "0" },
        ":expiresAt": { N: String(NOW_SECONDS + 86_400) },
      },
      ReturnValues: "ALL_OLD",
    });
  });

  test("leaves a lapsed lease alone where the profile forbids to take it over", () => {
    expect(claimRequest(RECORDS, { ...CLAIM, takeover: "never" }).ConditionExpression).toBe(
      "attribute_not_exists(#id) OR (#owner <> :me AND #expiresAt <= :nowSeconds)",
    );
  });

  test("removes an earlier expiry where records never expire", () => {
    const { UpdateExpression, ExpressionAttributeValues } = claimRequest(RECORDS, {
      ...CLAIM,
      expiresAtSeconds: undefined,
    });
    expect(UpdateExpression).toMatch(/ REMOVE #response, #expiresAt$/);
    expect(ExpressionAttributeValues).not.toHaveProperty(":expiresAt");
  });
});

describe("CLAIM by a function that a completer can finish for", () => {
  const event = '{"path":"/transfers"}';
  const claim = (completer: ClaimRequest["completer"], takeover: ClaimRequest["takeover"]) => {
    const request = claimRequest(RECORDS, { ...CLAIM, takeover, completer });
    const [set, remove] = (request.UpdateExpression ?? "").split(" REMOVE ");
    return { set, remove, values: request.ExpressionAttributeValues };
  };

  test("enters the index of due claims, from the end of its lease on, and keeps the event", () => {
    const { set, remove, values } = claim({ functionName: "pay", event }, "allowed");
    expect(set).toContain(", #function = :function, #due = :leaseUntil, #event = :event, ");
    expect(remove).toBe("#response");
    expect(values).toMatchObject({ ":function": { S: "pay" }, ":event": { S: event } });
  });

  test("with an event that cannot be sent again removes the event of the claim before it", () => {
    const { set, remove, values } = claim({ functionName: "pay" }, "allowed");
    expect(set).toContain(", #function = :function, #due = :leaseUntil, #expiresAt = ");
    expect(remove).toBe("#response, #event");
    expect(values).toHaveProperty(":function", { S: "pay" });
    expect(values).not.toHaveProperty(":event");
  });

  test("leaves the event as it is if it only finishes another execution's work", () => {
    const { set, remove, values } = claim({ functionName: "pay" }, "only");
    expect(set).toContain(", #function = :function, #due = :leaseUntil, #expiresAt = ");
    expect(remove).toBe("#response");
    expect(values).not.toHaveProperty(":event");
  });

  test("is not in the index without one", () => {
    const { set, remove, values } = claim(undefined, "allowed");
    expect(set).not.toMatch(/#function|#due|#event/);
    expect(remove).toBe("#response");
    expect(values).not.toHaveProperty(":function");
  });
});

test("CLAIM of nothing but a lapsed claim takes neither an unused nor an expired id", () => {
  const request = claimRequest(RECORDS, { ...CLAIM, takeover: "only" });
  expect(request.ConditionExpression).toBe(
    "#owner <> :me AND attribute_exists(#claims) AND (#state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version)",
  );
});

describe("CHECKPOINT", () => {
  const step = { name: "debit", result: '{"balance":1}' };

  test("of the first step starts the list, if the owner is the same and there is none", () => {
    expect(checkpointRequest(RECORDS, { ...MINE, index: 0, step })).toEqual({
      ...TARGET,
      UpdateExpression: "SET #steps = :step",
      ConditionExpression: `${STILL_MINE} AND attribute_not_exists(#steps)`,
      ExpressionAttributeNames: { "#steps": "steps", "#state": "state", "#owner": "owner" },
      ExpressionAttributeValues: {
        ":claimed": { S: "CLAIMED" },
        ":me": { S: "me" },
        ":step": { L: [{ M: { name: { S: "debit" }, result: { S: '{"balance":1}' } } }] },
      },
    });
  });

  test("of a later one goes to the end of the list, if it is as long as it was", () => {
    const request = checkpointRequest(RECORDS, { ...MINE, index: 2, step });
    expect(request).toMatchObject({
      UpdateExpression: "SET #steps = list_append(#steps, :step)",
      ConditionExpression: `${STILL_MINE} AND size(#steps) = :index`,
      ExpressionAttributeValues: { ":index": { N: "2" } },
    });
  });

  test.each([0, 1])("of a step without a result keeps its name alone (index %i)", (index) => {
    const request = checkpointRequest(RECORDS, { ...MINE, index, step: { name: "debit" } });
    expect(request.ExpressionAttributeValues?.[":step"]).toStrictEqual({
      L: [{ M: { name: { S: "debit" } } }],
    });
  });
});

describe("COMPLETE", () => {
  test("records the response of a claim with the same owner, and its expiry", () => {
    const expiresAtSeconds = NOW_SECONDS + 86_400;
    expect(completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds })).toEqual({
      ...TARGET,
      UpdateExpression:
        "SET #state = :completed, #response = :response, #expiresAt = :expiresAt REMOVE #leaseUntil, #startedAt, #claims, #steps, #function, #due, #event, #attempts",
      ConditionExpression: STILL_MINE,
      ExpressionAttributeNames: {
        "#state": "state",
        "#response": "response",
        "#expiresAt": "expiresAt",
        "#leaseUntil": "leaseUntil",
        "#startedAt": "startedAt",
        "#claims": "claims",
        "#steps": "steps",
        "#function": "function",
        "#due": "due",
        "#event": "event",
        "#attempts": "attempts",
        "#owner": "owner",
      },
      ExpressionAttributeValues: {
        ":claimed": { S: "CLAIMED" },
        ":me": { S: "me" },
        ":completed": { S: "COMPLETED" },
        ":response": { S: '{"statusCode":201}' },
        ":expiresAt": { N: String(expiresAtSeconds) },
      },
    });
  });

  test("sets no expiry where records never expire", () => {
    const request = completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: undefined });
    expect(request.UpdateExpression).toBe(
      "SET #state = :completed, #response = :response REMOVE #leaseUntil, #startedAt, #claims, #steps, #function, #due, #event, #attempts",
    );
  });
});

test("RELEASE ends the lease of a claim with the same owner, and keeps its fingerprint", () => {
  expect(releaseRequest(RECORDS, MINE)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #leaseUntil = :zero",
    ConditionExpression: STILL_MINE,
    ExpressionAttributeNames: { "#leaseUntil": "leaseUntil", "#state": "state", "#owner": "owner" },
    ExpressionAttributeValues: {
      ":claimed": { S: "CLAIMED" },
      ":me": { S: "me" },
      ":zero": { N: "0" },
    },
  });
});

test("FREE makes a key unused and keeps its fence, if the owner is the same and no other has held the claim in between", () => {
  expect(freeRequest(RECORDS, { ...MINE, claims: 2, expiresAtSeconds: NOW_SECONDS })).toEqual({
    ...TARGET,
    UpdateExpression:
      "SET #leaseUntil = :zero, #expiresAt = :expiresAt REMOVE #entityId, #startedAt, #claims, #steps, #function, #due, #event, #attempts",
    ConditionExpression: `${STILL_MINE} AND #claims = :claims`,
    ExpressionAttributeNames: {
      "#leaseUntil": "leaseUntil",
      "#expiresAt": "expiresAt",
      "#startedAt": "startedAt",
      "#claims": "claims",
      "#steps": "steps",
      "#function": "function",
      "#due": "due",
      "#event": "event",
      "#attempts": "attempts",
      "#entityId": "entityId",
      "#state": "state",
      "#owner": "owner",
    },
    ExpressionAttributeValues: {
      ":claimed": { S: "CLAIMED" },
      ":me": { S: "me" },
      ":claims": { N: "2" },
      ":zero": { N: "0" },
      ":expiresAt": { N: String(NOW_SECONDS) },
    },
  });
});

test("EXTEND moves the lease of a claim with the same owner", () => {
  expect(extendRequest(RECORDS, { ...MINE, leaseUntilMs: NOW_MS + 5_000 })).toEqual({
    ...TARGET,
    UpdateExpression: "SET #leaseUntil = :leaseUntil",
    ConditionExpression: STILL_MINE,
    ExpressionAttributeNames: { "#leaseUntil": "leaseUntil", "#state": "state", "#owner": "owner" },
    ExpressionAttributeValues: {
      ":claimed": { S: "CLAIMED" },
      ":me": { S: "me" },
      ":leaseUntil": { N: String(NOW_MS + 5_000) },
    },
  });
});

test("READ is consistent, because a waiting request needs the record as it is now", () => {
  expect(readRequest(RECORDS, "id-1")).toEqual({
    TableName: "records",
    Key: { id: { S: "id-1" } },
    ConsistentRead: true,
  } satisfies GetItemCommandInput);
});

test("READ may be eventually consistent, for half the price", () => {
  expect(readRequest(RECORDS, "id-1", "eventual").ConsistentRead).toBe(false);
});

const ONCE = { ...COMPLETE, expiresAtSeconds: NOW_SECONDS };
const ONCE_CLAIM = { fingerprint: "fingerprint-1", nowMs: NOW_MS, takeover: "allowed" } as const;

const WRITES: [string, UpdateItemCommandInput][] = [
  ["CLAIM", claimRequest(RECORDS, CLAIM)],
  ["CLAIM without takeover", claimRequest(RECORDS, { ...CLAIM, takeover: "never" })],
  ["CLAIM without expiry", claimRequest(RECORDS, { ...CLAIM, expiresAtSeconds: undefined })],
  ["CLAIM of a lapsed claim only", claimRequest(RECORDS, { ...CLAIM, takeover: "only" })],
  [
    "CLAIM with a completer",
    claimRequest(RECORDS, { ...CLAIM, completer: { functionName: "pay", event: "{}" } }),
  ],
  ["COMPLETE", completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: NOW_SECONDS })],
  ["COMMIT ONCE", completeRequest(RECORDS, { ...ONCE, claim: ONCE_CLAIM })],
  [
    "COMMIT ONCE without takeover",
    completeRequest(RECORDS, { ...ONCE, claim: { ...ONCE_CLAIM, takeover: "never" } }),
  ],
  ["CHECKPOINT", checkpointRequest(RECORDS, { ...MINE, index: 0, step: { name: "debit" } })],
  [
    "a later CHECKPOINT",
    checkpointRequest(RECORDS, { ...MINE, index: 1, step: { name: "debit" } }),
  ],
  [
    "COMPLETE without expiry",
    completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: undefined }),
  ],
  ["RELEASE", releaseRequest(RECORDS, MINE)],
  ["FREE", freeRequest(RECORDS, { ...MINE, claims: 2, expiresAtSeconds: NOW_SECONDS })],
  ["EXTEND", extendRequest(RECORDS, { ...MINE, leaseUntilMs: NOW_MS })],
];

describe.each(WRITES)("%s", (_name, request) => {
  const text = `${request.UpdateExpression} ${request.ConditionExpression}`;

  test("names no attribute without an alias, so none can be a reserved word", () => {
    const words = text.match(/[#:]?\w+/g) ?? [];
    const bare = words.filter((word) => !/^[#:]/.test(word));
    const allowed = [
      "SET",
      "REMOVE",
      "AND",
      "OR",
      "attribute_not_exists",
      "if_not_exists",
      "list_append",
      "size",
      "attribute_exists",
    ];
    expect(bare.filter((word) => !allowed.includes(word))).toEqual([]);
  });

  test("declares exactly the aliases and values that it uses: DynamoDB refuses others", () => {
    const used = (pattern: RegExp) => [...new Set(text.match(pattern))].toSorted();
    const names = request.ExpressionAttributeNames ?? {};
    expect(Object.keys(names).toSorted()).toEqual(used(/#\w+/g));
    expect(Object.keys(request.ExpressionAttributeValues ?? {}).toSorted()).toEqual(used(/:\w+/g));
    for (const [alias, name] of Object.entries(names)) expect(alias).toBe(`#${name}`);
  });

  test("is a conditional update whose refusal carries the old item", () => {
    expect(request.ConditionExpression).toBeTruthy();
    expect(request.ReturnValuesOnConditionCheckFailure).toBe("ALL_OLD");
  });
});

describe("COMPLETE without a claim (COMMIT ONCE)", () => {
  const claim = ONCE_CLAIM;

  test("claims and completes in one write, under the condition of a claim", () => {
    const once = { ...COMPLETE, expiresAtSeconds: NOW_SECONDS + 86_400, claim };
    const request = completeRequest(RECORDS, once);
    expect(request.ConditionExpression).toBe(claimRequest(RECORDS, CLAIM).ConditionExpression);
    expect(request.UpdateExpression).toBe(
      [
        "SET #state = :completed, #response = :response, #expiresAt = :expiresAt, #owner = :me,",
        "#fingerprint = :fingerprint, #version = :version,",
        "#fence = if_not_exists(#fence, :nowMs) + :one",
        "REMOVE #leaseUntil, #startedAt, #claims, #steps, #function, #due, #event, #attempts",
      ].join(" "),
    );
    expect(request.ExpressionAttributeValues).toEqual({
      ":completed": { S: "COMPLETED" },
      ":claimed": { S: "CLAIMED" },
      ":response": { S: '{"statusCode":201}' },
      ":expiresAt": { N: String(NOW_SECONDS + 86_400) },
      ":me": { S: "me" },
      ":fingerprint": { S: "fingerprint-1" },
      ":version": { N: "1" },
      ":nowMs": { N: String(NOW_MS) },
      ":nowSeconds": { N: String(NOW_SECONDS) },
      ":one": { N: "1" },
    });
  });

  test("of a record that never expires removes an old expiry", () => {
    const never = { ...COMPLETE, expiresAtSeconds: undefined, claim };
    expect(completeRequest(RECORDS, never).UpdateExpression).toMatch(
      /REMOVE .*, #attempts, #expiresAt$/,
    );
  });
});

test("the id of a request's entity is the first claim's, over every later claim and completion", () => {
  const once = {
    fingerprint: "fingerprint-1",
    nowMs: NOW_MS,
    takeover: "allowed" as const,
    entityId: "e",
  };
  for (const request of [
    claimRequest(RECORDS, { ...CLAIM, entityId: "e" }),
    completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: undefined, claim: once }),
  ]) {
    expect(request.UpdateExpression).toContain("#entityId = if_not_exists(#entityId, :entityId)");
    expect(request.ExpressionAttributeValues?.[":entityId"]).toEqual({ S: "e" });
  }
});
