import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { claimRequest } from "../../lib/dynamodb/claim-request.ts";
import { duePartition } from "../../lib/dynamodb/due-partition.ts";
import {
  checkpointRequest,
  completeRequest,
  extendRequest,
  freeRequest,
  markRequest,
  readRequest,
  releaseRequest,
} from "../../lib/dynamodb/expressions.ts";
import type { ClaimRequest, FreeRequest, ReplacedRecord } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";
import { RECORDS } from "../support/table.ts";

const NOW_MS = START_MS + 250;
const NOW_SECONDS = START_MS / 1000;
const END_SECONDS = NOW_SECONDS + 86_400;
const HOUR_SECONDS = 3_600;

const CLAIM: ClaimRequest = {
  id: "id-1",
  owner: "me",
  fingerprint: "fingerprint-1",
  nowMs: NOW_MS,
  leaseUntilMs: NOW_MS + 11_000,
  expiresAtSeconds: END_SECONDS,
  takeover: "restart",
};
const MINE = { id: "id-1", owner: "me", fence: 7 };
const COMPLETE = { ...MINE, response: '{"statusCode":201}' };
const FREE = { ...MINE, claims: 2, expiresAtSeconds: END_SECONDS };
const ONCE_CLAIM = { fingerprint: "fingerprint-1", nowMs: NOW_MS };
const SEEN: ReplacedRecord = { owner: "other", fence: 6, state: "CLAIMED" };

/** The members that every conditional write has. */
const TARGET = {
  TableName: "records",
  Key: { id: { S: "id-1" } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};
const STILL_MINE = "#state = :claimed AND #owner = :me AND #fence = :fence";
const STILL_LIVE = "(attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)";
const OWNER_VALUES = { ":claimed": { S: "CLAIMED" }, ":me": { S: "me" }, ":fence": { N: "7" } };

/** The end of a record, and its deletion by TTL an hour later. */
const END_VALUES = {
  ":endsAt": { N: String(END_SECONDS) },
  ":expiresAt": { N: String(END_SECONDS + HOUR_SECONDS) },
};
const CLAIM_VALUES = {
  ":claimed": { S: "CLAIMED" },
  ":me": { S: "me" },
  ":fingerprint": { S: "fingerprint-1" },
  ":leaseUntil": { N: String(NOW_MS + 11_000) },
  ":version": { N: "2" },
  ":nowMs": { N: String(NOW_MS) },
  ":one": { N: "1" },
};
const TIME_VALUES = { ":nowSeconds": { N: String(NOW_SECONDS) } };

/** `{ "#name": "name" }` for each. */
const names = (...attributes: string[]) =>
  Object.fromEntries(attributes.map((name) => [`#${name}`, name]));

const IS_LAPSED =
  "#owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint";
const IS_SEEN = "#owner = :seenOwner AND #fence = :seenFence AND #state = :seenState";
const HAS_NO_WORK = "attribute_not_exists(#steps) AND attribute_not_exists(#begun)";
const HAS_NO_ENTITY = "attribute_not_exists(#entityId)";
const HAS_NOT_ENDED =
  "#version = :version AND (attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)";
const HAS_ENDED =
  "((#version = :version AND #endsAt <= :nowSeconds) OR " +
  "(#version = :oldVersion AND #expiresAt <= :nowSeconds))";

describe("CLAIM", () => {
  test("takes an id without a record, or the same request's lapsed claim that has not ended", () => {
    expect(claimRequest(RECORDS, CLAIM)).toEqual({
      ...TARGET,
      UpdateExpression: [
        "SET #state = :claimed, #owner = :me, #fingerprint = :fingerprint,",
        "#leaseUntil = :leaseUntil, #version = :version,",
        "#fence = if_not_exists(#fence, :nowMs) + :one,",
        "#startedAt = if_not_exists(#startedAt, :nowMs), #claims = if_not_exists(#claims, :zero) + :one,",
        "#endsAt = :endsAt, #expiresAt = :expiresAt",
      ].join(" "),
      ConditionExpression: `attribute_not_exists(#id) OR (${[IS_LAPSED, HAS_NO_WORK, HAS_NO_ENTITY, HAS_NOT_ENDED].join(" AND ")})`,
      ExpressionAttributeNames: names(
        ...["id", "state", "owner", "fingerprint", "leaseUntil", "version", "fence", "startedAt"],
        ...["claims", "endsAt", "expiresAt", "steps", "begun", "entityId"],
      ),
      ExpressionAttributeValues: {
        ...{ ...CLAIM_VALUES, ...TIME_VALUES, ...END_VALUES },
        ":zero": { N: "0" },
      },
      ReturnValues: "ALL_OLD",
    });
  });

  test.each<[string, Partial<ClaimRequest>, string[]]>([
    ["that restarts", { takeover: "restart" }, [IS_LAPSED, HAS_NO_WORK, HAS_NO_ENTITY]],
    ["that resumes", { takeover: "resume" }, [IS_LAPSED, HAS_NO_ENTITY]],
    [
      "that restarts, with an entity",
      { takeover: "restart", entityId: "e" },
      [IS_LAPSED, HAS_NO_WORK],
    ],
    ["that resumes, with an entity", { takeover: "resume", entityId: "e" }, [IS_LAPSED]],
  ])("%s takes over the lapsed claims of which it forgets nothing", (_how, changes, lapsed) => {
    const { ConditionExpression } = claimRequest(RECORDS, { ...CLAIM, ...changes });
    const conditions = [...lapsed, HAS_NOT_ENDED].join(" AND ");
    expect(ConditionExpression).toBe(`attribute_not_exists(#id) OR (${conditions})`);
  });

  test("leaves every lapsed claim alone where the profile forbids to take it over", () => {
    const request = claimRequest(RECORDS, { ...CLAIM, takeover: "never" });
    expect(request.ConditionExpression).toBe("attribute_not_exists(#id)");
    expect(request.ExpressionAttributeValues).not.toHaveProperty(":nowSeconds");
  });

  test("of a completer takes nothing but a lapsed claim", () => {
    const request = claimRequest(RECORDS, {
      ...CLAIM,
      takeover: "resume",
      onlyLapsed: true,
      entityId: "e",
    });
    expect(request.ConditionExpression).toBe(`(${IS_LAPSED} AND ${HAS_NOT_ENDED})`);
  });

  test.each<[string, ClaimRequest["takeover"], string]>([
    ["restarts", "restart", ""],
    ["resumes, which takes it for begun", "resume", ", #begun = :nowMs"],
  ])("of a claim of release 0.1 names it, and %s", (_how, takeover, mark) => {
    const request = claimRequest(RECORDS, {
      ...{ ...CLAIM, takeover, entityId: "e" },
      rewrites: { owner: "other", fence: 6, state: "CLAIMED", isOld: true },
    });
    const lapsed = "(#owner <> :me AND #state = :claimed AND #leaseUntil <= :nowMs AND ";
    const isOldAndLive =
      "#version = :oldVersion AND attribute_exists(#claims) AND " +
      "(attribute_not_exists(#expiresAt) OR attribute_exists(#steps) OR #expiresAt > :nowSeconds))";
    const work = takeover === "restart" ? `${HAS_NO_WORK} AND ` : "";
    expect(request.ConditionExpression).toBe(`${IS_SEEN} AND ${lapsed}${work}${isOldAndLive}`);
    expect(request.UpdateExpression).toContain(
      `, #origin = if_not_exists(#origin, #fingerprint)${mark}, #fence`,
    );
  });

  test.each<[string, ClaimRequest["takeover"], string]>([
    ["restarts", "restart", `${HAS_NO_WORK} AND `],
    ["resumes", "resume", ""],
  ])(
    "of a suspended claim names it and its lease, with any end, and %s",
    (_how, takeover, work) => {
      const request = claimRequest(RECORDS, {
        ...{ ...CLAIM, takeover, entityId: "e" },
        rewrites: { owner: "x.1", fence: 6, state: "CLAIMED", suspendedUntilMs: 99 },
      });
      const suspended = "(#owner <> :me AND #state = :claimed AND #leaseUntil = :seenLease AND ";
      expect(request.ConditionExpression).toBe(
        `${IS_SEEN} AND ${suspended}${work}#version = :version)`,
      );
      expect(request.ExpressionAttributeValues).toMatchObject({ ":seenLease": { N: "99" } });
      expect(request.ExpressionAttributeValues).not.toHaveProperty(":nowSeconds");
    },
  );

  test("removes an earlier end where the record does not end", () => {
    const { UpdateExpression, ExpressionAttributeValues } = claimRequest(RECORDS, {
      ...CLAIM,
      expiresAtSeconds: undefined,
    });
    expect(UpdateExpression).toMatch(/ REMOVE #endsAt, #expiresAt$/);
    expect(ExpressionAttributeValues).not.toHaveProperty(":endsAt");
    expect(ExpressionAttributeValues).not.toHaveProperty(":expiresAt");
  });

  test("keeps the id of the first claim's entity", () => {
    const request = claimRequest(RECORDS, { ...CLAIM, entityId: "e" });
    expect(request.UpdateExpression).toContain("#entityId = if_not_exists(#entityId, :entityId)");
    expect(request.ExpressionAttributeValues?.[":entityId"]).toEqual({ S: "e" });
  });
});

const PAY = { name: "pay", interrupted: "resume", abandoned: "complete" } as const;
const PLAN =
  ", #function = :function, #due = :leaseUntil, #interrupted = :interrupted, #abandoned = :abandoned";

describe("CLAIM in place of a record", () => {
  const replace = (state: ReplacedRecord["state"], changes: Partial<ClaimRequest> = {}) =>
    claimRequest(RECORDS, { ...CLAIM, replaces: { ...SEEN, state }, ...changes });

  test("that is an ended claim names exactly it, and leaves nothing of it", () => {
    expect(replace("CLAIMED")).toEqual({
      ...TARGET,
      UpdateExpression: [
        "SET #state = :claimed, #owner = :me, #fingerprint = :fingerprint,",
        "#leaseUntil = :leaseUntil, #version = :version,",
        "#fence = #fence + :one, #startedAt = :nowMs, #claims = :one,",
        "#endsAt = :endsAt, #expiresAt = :expiresAt",
        "REMOVE #response, #steps, #begun, #origin, #scheme, #refused, #function, #due, #event, #attempts, #interrupted, #abandoned, #entityId",
      ].join(" "),
      ConditionExpression: `${IS_SEEN} AND ${HAS_ENDED} AND #leaseUntil <= :nowMs AND ${HAS_NO_WORK}`,
      ExpressionAttributeNames: names(
        ...["state", "owner", "fingerprint", "leaseUntil", "version", "fence", "startedAt"],
        ...[
          "claims",
          "endsAt",
          "expiresAt",
          "response",
          "steps",
          "begun",
          "origin",
          "scheme",
          "refused",
        ],
        ...["function", "due", "event", "attempts", "interrupted", "abandoned", "entityId"],
      ),
      ExpressionAttributeValues: {
        ...{ ...CLAIM_VALUES, ...TIME_VALUES, ...END_VALUES },
        ":seenOwner": { S: "other" },
        ":seenFence": { N: "6" },
        ":seenState": { S: "CLAIMED" },
        ":oldVersion": { N: "1" },
      },
      ReturnValues: "ALL_OLD",
    });
  });

  test.each(["COMPLETED", "UNKNOWN"] as const)(
    "that is %s asks again whether it has ended",
    (state) => {
      expect(replace(state).ConditionExpression).toBe(`${IS_SEEN} AND ${HAS_ENDED}`);
    },
  );

  test("that was freed asks for nothing else: a freed key is used at once", () => {
    const { ConditionExpression, ExpressionAttributeValues } = replace("FREED");
    expect(ConditionExpression).toBe(IS_SEEN);
    expect(ExpressionAttributeValues).toMatchObject({ ":seenState": { S: "FREED" } });
    expect(ExpressionAttributeValues).not.toHaveProperty(":nowSeconds");
  });

  test("has the same condition, whichever lapsed claims the profile takes over", () => {
    for (const takeover of ["never", "restart", "resume"] as const) {
      expect(replace("CLAIMED", { takeover })).toEqual(replace("CLAIMED"));
    }
  });

  test("has its own entity, completer and end, and not the record's", () => {
    const completer = { ...PAY, event: "{}" };
    const request = replace("FREED", { entityId: "e", completer, expiresAtSeconds: undefined });
    expect(request.UpdateExpression).toContain(
      `, #entityId = :entityId${PLAN}, #event = :event REMOVE `,
    );
    expect(request.UpdateExpression).toMatch(
      / REMOVE #response, #steps, #begun, #origin, #scheme, #endsAt, #expiresAt, #attempts$/,
    );
    const without = replace("FREED", { completer: PAY });
    expect(without.UpdateExpression).toMatch(
      / REMOVE #response, #steps, #begun, #origin, #scheme, #attempts, #event, #entityId$/,
    );
  });
});

describe("CLAIM by a function that a completer can finish for", () => {
  const event = '{"path":"/transfers"}';
  const claim = (completer: ClaimRequest["completer"], onlyLapsed = false) => {
    const request = claimRequest(RECORDS, { ...CLAIM, onlyLapsed, completer });
    const [set, remove] = (request.UpdateExpression ?? "").split(" REMOVE ");
    return { set, remove, values: request.ExpressionAttributeValues };
  };

  test("enters the index of due claims, from the end of its lease on, and keeps the event", () => {
    const { set, remove, values } = claim({ ...PAY, event });
    expect(set).toContain(`${PLAN}, #event = :event, `);
    expect(remove).toBeUndefined();
    expect(values).toMatchObject({
      ":function": { S: duePartition("pay", CLAIM.id) },
      ":interrupted": { S: "resume" },
      ":abandoned": { S: "complete" },
      ":event": { S: event },
    });
  });

  test("with an event that cannot be sent again removes the event of the claim before it", () => {
    const { set, remove, values } = claim(PAY);
    expect(set).toContain(`${PLAN}, #endsAt = `);
    expect(remove).toBe("#event");
    expect(values).toHaveProperty(":function", { S: duePartition("pay", CLAIM.id) });
    expect(values).not.toHaveProperty(":event");
  });

  test("leaves the event as it is if it only finishes another execution's work", () => {
    const { set, remove, values } = claim(PAY, true);
    expect(set).toContain(`${PLAN}, #endsAt = `);
    expect(remove).toBeUndefined();
    expect(values).not.toHaveProperty(":event");
  });

  test("is not in the index without one", () => {
    const { set, remove, values } = claim(undefined);
    expect(set).not.toMatch(/#function|#due|#event|#interrupted|#abandoned/);
    expect(remove).toBeUndefined();
    expect(values).not.toHaveProperty(":function");
  });
});

describe("CHECKPOINT", () => {
  const step = { name: "debit", result: '{"balance":1}' };

  test("of the first step starts the list and ends the expiry, if the owner and the fence are the same and there is none", () => {
    expect(checkpointRequest(RECORDS, { ...MINE, index: 0, step })).toEqual({
      ...TARGET,
      UpdateExpression: "SET #steps = :step REMOVE #endsAt, #expiresAt",
      ConditionExpression: `${STILL_MINE} AND attribute_not_exists(#steps)`,
      ExpressionAttributeNames: names("steps", "state", "owner", "fence", "endsAt", "expiresAt"),
      ExpressionAttributeValues: {
        ...OWNER_VALUES,
        ":step": { L: [{ M: { name: { S: "debit" }, result: { S: '{"balance":1}' } } }] },
      },
    });
  });

  test("of a later one goes to the end of the list, if it is as long as it was", () => {
    const request = checkpointRequest(RECORDS, { ...MINE, index: 2, step });
    expect(request).toMatchObject({
      UpdateExpression: "SET #steps = list_append(#steps, :step) REMOVE #endsAt, #expiresAt",
      ConditionExpression: `${STILL_MINE} AND size(#steps) = :index`,
      ExpressionAttributeValues: { ":index": { N: "2" } },
    });
  });

  test.each([0, 1])("with writes asks that the claim has not ended (index %i)", (index) => {
    const plain = checkpointRequest(RECORDS, { ...MINE, index, step });
    const request = checkpointRequest(RECORDS, { ...MINE, index, step }, NOW_MS);
    expect(request.UpdateExpression).toBe(plain.UpdateExpression);
    expect(request.ConditionExpression).toBe(`${plain.ConditionExpression} AND ${STILL_LIVE}`);
    expect(request.ExpressionAttributeValues).toEqual({
      ...plain.ExpressionAttributeValues,
      ":nowSeconds": { N: String(NOW_SECONDS) },
    });
  });

  test.each([0, 1])("of a step without a result keeps its name alone (index %i)", (index) => {
    const request = checkpointRequest(RECORDS, { ...MINE, index, step: { name: "debit" } });
    expect(request.ExpressionAttributeValues?.[":step"]).toStrictEqual({
      L: [{ M: { name: { S: "debit" } } }],
    });
  });
});

test("MARK says that the request has begun, and ends its expiry, if the claim is live and the same", () => {
  expect(markRequest(RECORDS, { ...MINE, nowMs: NOW_MS })).toEqual({
    ...TARGET,
    UpdateExpression: "SET #begun = :nowMs REMOVE #endsAt, #expiresAt",
    ConditionExpression: `${STILL_MINE} AND ${STILL_LIVE}`,
    ExpressionAttributeNames: names("begun", "endsAt", "expiresAt", "state", "owner", "fence"),
    ExpressionAttributeValues: {
      ...OWNER_VALUES,
      ":nowMs": { N: String(NOW_MS) },
      ":nowSeconds": { N: String(NOW_SECONDS) },
    },
  });
});

const CLAIM_ATTRIBUTES =
  "#startedAt, #claims, #steps, #begun, #origin, #function, #due, #event, #attempts, #interrupted, #abandoned";

describe("COMPLETE", () => {
  test("records the response of a claim with the same owner and fence, its end, and its later deletion", () => {
    expect(completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: END_SECONDS })).toEqual({
      ...TARGET,
      UpdateExpression: `SET #state = :completed, #response = :response, #endsAt = :endsAt, #expiresAt = :expiresAt REMOVE #leaseUntil, ${CLAIM_ATTRIBUTES}, #refused`,
      ConditionExpression: STILL_MINE,
      ExpressionAttributeNames: names(
        ...["state", "response", "endsAt", "expiresAt", "leaseUntil", "startedAt", "claims"],
        ...["steps", "begun", "origin", "function", "due", "event", "attempts", "interrupted"],
        ...["abandoned", "refused", "owner", "fence"],
      ),
      ExpressionAttributeValues: {
        ...{ ...OWNER_VALUES, ...END_VALUES },
        ":completed": { S: "COMPLETED" },
        ":response": { S: '{"statusCode":201}' },
      },
    });
  });

  test("removes the end of the claim where records never end", () => {
    const request = completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: undefined });
    expect(request.UpdateExpression).toBe(
      `SET #state = :completed, #response = :response REMOVE #leaseUntil, ${CLAIM_ATTRIBUTES}, #refused, #endsAt, #expiresAt`,
    );
  });

  test("with writes asks that the claim has not ended", () => {
    const complete = { ...COMPLETE, expiresAtSeconds: END_SECONDS };
    const request = completeRequest(RECORDS, complete, NOW_MS);
    expect(request.ConditionExpression).toBe(`${STILL_MINE} AND ${STILL_LIVE}`);
    expect(request.ExpressionAttributeValues).toMatchObject({
      ":nowSeconds": { N: String(NOW_SECONDS) },
    });
  });
});

describe("COMPLETE without a claim (COMMIT ONCE)", () => {
  const claim = { fingerprint: "fingerprint-1", nowMs: NOW_MS };
  const ONCE = { id: "id-1", owner: "me", response: '{"statusCode":201}', claim };

  test("claims and completes in one write, under an id without a record and under no other", () => {
    const request = completeRequest(RECORDS, { ...ONCE, expiresAtSeconds: END_SECONDS });
    expect(request).toEqual({
      ...TARGET,
      UpdateExpression: [
        "SET #state = :completed, #response = :response, #endsAt = :endsAt, #expiresAt = :expiresAt,",
        "#owner = :me, #fingerprint = :fingerprint, #version = :version, #fence = :fence",
      ].join(" "),
      ConditionExpression: "attribute_not_exists(#id)",
      ExpressionAttributeNames: names(
        ...["id", "state", "response", "endsAt", "expiresAt"],
        ...["owner", "fingerprint", "version", "fence"],
      ),
      ExpressionAttributeValues: {
        ...END_VALUES,
        ":completed": { S: "COMPLETED" },
        ":response": { S: '{"statusCode":201}' },
        ":me": { S: "me" },
        ":fingerprint": { S: "fingerprint-1" },
        ":version": { N: "2" },
        ":fence": { N: String(NOW_MS + 1) },
      },
    });
  });

  test("is the same in a transaction: what does not exist has not ended", () => {
    const complete = { ...ONCE, expiresAtSeconds: END_SECONDS };
    expect(completeRequest(RECORDS, complete, NOW_MS)).toEqual(completeRequest(RECORDS, complete));
  });

  test("of a record that never ends sets no end, and has the id of its entity", () => {
    const once = { ...ONCE, expiresAtSeconds: undefined, claim: { ...claim, entityId: "e" } };
    const request = completeRequest(RECORDS, once);
    expect(request.UpdateExpression).toBe(
      "SET #state = :completed, #response = :response, #owner = :me, #fingerprint = :fingerprint, #version = :version, #fence = :fence, #entityId = :entityId",
    );
    expect(request.ExpressionAttributeValues).toMatchObject({ ":entityId": { S: "e" } });
  });

  test("names the scheme of its fingerprint", () => {
    const once = { ...ONCE, expiresAtSeconds: undefined, claim: { ...claim, scheme: "scheme-1" } };
    const request = completeRequest(RECORDS, once);
    expect(request.UpdateExpression).toBe(
      "SET #state = :completed, #response = :response, #owner = :me, #fingerprint = :fingerprint, #version = :version, #fence = :fence, #scheme = :scheme",
    );
    expect(request.ExpressionAttributeValues).toMatchObject({ ":scheme": { S: "scheme-1" } });
  });
});

test("RELEASE ends the lease of a claim with the same owner and fence, and keeps its fingerprint", () => {
  expect(releaseRequest(RECORDS, MINE)).toEqual({
    ...TARGET,
    UpdateExpression: "SET #leaseUntil = :zero",
    ConditionExpression: STILL_MINE,
    ExpressionAttributeNames: names("leaseUntil", "state", "owner", "fence"),
    ExpressionAttributeValues: { ...OWNER_VALUES, ":zero": { N: "0" } },
  });
});

describe("FREE", () => {
  const REFUSED = { ":refused": { SS: ["scheme-1:fingerprint-1"] } };
  const refused = "scheme-1:fingerprint-1";

  test.each<[string, FreeRequest, string]>([
    ["of a claim", { ...FREE, refused }, " ADD #refused :refused"],
    [
      "of an id without a record",
      { ...{ id: "id-1", owner: "me", expiresAtSeconds: END_SECONDS, refused }, claim: ONCE_CLAIM },
      " ADD #refused :refused",
    ],
  ])("%s names the refused request beside others", (_of, request, add) => {
    const { UpdateExpression, ExpressionAttributeValues } = freeRequest(RECORDS, request);
    expect(UpdateExpression?.endsWith(add)).toBe(true);
    expect(ExpressionAttributeValues).toMatchObject(REFUSED);
  });

  test.each(["FREED", "COMPLETED"] as const)("in place of a %s record", (state) => {
    const { UpdateExpression } = freeRequest(RECORDS, {
      ...{ id: "id-1", owner: "me", expiresAtSeconds: END_SECONDS, refused, claim: ONCE_CLAIM },
      replaces: { ...SEEN, state },
    });
    const isNew = UpdateExpression?.includes(", #refused = :refused, ");
    const isAdded = UpdateExpression?.endsWith(" ADD #refused :refused");
    expect([isNew, isAdded]).toEqual(state === "FREED" ? [false, true] : [true, false]);
  });

  const UNCLAIMED = {
    ...{ id: "id-1", owner: "me", expiresAtSeconds: END_SECONDS },
    claim: { fingerprint: "fingerprint-1", nowMs: NOW_MS },
  };
  const UNCLAIMED_UPDATE = `SET #state = :freed, #endsAt = :endsAt, #expiresAt = :expiresAt, #owner = :me, #fingerprint = :fingerprint, #version = :version, #fence = :fence REMOVE #response, #leaseUntil, #entityId, ${CLAIM_ATTRIBUTES}`;

  test("is a state that keeps the fence, if the owner is the same, no other has held the claim in between, and nothing has begun", () => {
    expect(freeRequest(RECORDS, FREE)).toEqual({
      ...TARGET,
      UpdateExpression: `SET #state = :freed, #endsAt = :endsAt, #expiresAt = :expiresAt REMOVE #leaseUntil, #entityId, ${CLAIM_ATTRIBUTES}`,
      ConditionExpression: `${STILL_MINE} AND #claims = :claims AND ${HAS_NO_WORK}`,
      ExpressionAttributeNames: names(
        ...["state", "endsAt", "expiresAt", "leaseUntil", "entityId", "startedAt", "claims"],
        ...["steps", "begun", "origin", "function", "due", "event", "attempts", "interrupted"],
        ...["abandoned", "owner", "fence"],
      ),
      ExpressionAttributeValues: {
        ...{ ...OWNER_VALUES, ...END_VALUES },
        ":claims": { N: "2" },
        ":freed": { S: "FREED" },
      },
    });
  });

  test("without a claim takes an id without a record, with a fence above the time", () => {
    const request = freeRequest(RECORDS, UNCLAIMED);
    expect(request).toMatchObject({
      UpdateExpression: UNCLAIMED_UPDATE,
      ConditionExpression: "attribute_not_exists(#id)",
      ExpressionAttributeValues: {
        ...END_VALUES,
        ":freed": { S: "FREED" },
        ":me": { S: "me" },
        ":fingerprint": { S: "fingerprint-1" },
        ":version": { N: "2" },
        ":fence": { N: String(NOW_MS + 1) },
      },
    });
  });

  test.each(["CLAIMED", "COMPLETED", "UNKNOWN", "FREED"] as const)(
    "without a claim takes the place of exactly the %s record that it has seen, with the next fence",
    (state) => {
      const replaces = { ...SEEN, state };
      const request = freeRequest(RECORDS, { ...UNCLAIMED, replaces });
      const claim = claimRequest(RECORDS, { ...CLAIM, replaces });
      // Behind another state, the names of refused requests start anew.
      expect(request.UpdateExpression).toBe(
        `${UNCLAIMED_UPDATE}${state === "FREED" ? "" : ", #refused"}`,
      );
      expect(request.ConditionExpression).toBe(claim.ConditionExpression);
      expect(request.ExpressionAttributeValues).toMatchObject({ ":fence": { N: "7" } });
    },
  );

  test("without a claim compares the lease of the claim that it has seen with the time in milliseconds", () => {
    const request = freeRequest(RECORDS, { ...UNCLAIMED, replaces: SEEN });
    expect(request.ConditionExpression).toContain("#leaseUntil <= :nowMs");
    expect(request.ExpressionAttributeValues).toMatchObject({ ":nowMs": { N: String(NOW_MS) } });
  });
});

test("EXTEND moves the lease of a claim with the same owner and fence, never back, and never of a released claim", () => {
  expect(extendRequest(RECORDS, { ...MINE, leaseUntilMs: NOW_MS + 5_000 })).toEqual({
    ...TARGET,
    UpdateExpression: "SET #leaseUntil = :leaseUntil",
    ConditionExpression: `${STILL_MINE} AND #leaseUntil < :leaseUntil AND #leaseUntil > :zero`,
    ExpressionAttributeNames: names("leaseUntil", "state", "owner", "fence"),
    ExpressionAttributeValues: {
      ...OWNER_VALUES,
      ":leaseUntil": { N: String(NOW_MS + 5_000) },
      ":zero": { N: "0" },
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

const STEP = { ...MINE, step: { name: "debit" } };
const UNCLAIMED = { id: "id-1", owner: "me", response: "{}", claim: ONCE_CLAIM };
const STATES = ["CLAIMED", "COMPLETED", "UNKNOWN", "FREED"] as const;

const WRITES: [string, UpdateItemCommandInput][] = [
  ...(["never", "restart", "resume"] as const).flatMap((takeover) =>
    [undefined, "e"].map((entityId): [string, UpdateItemCommandInput] => [
      `CLAIM, takeover ${takeover}, entity ${entityId}`,
      claimRequest(RECORDS, { ...CLAIM, takeover, entityId }),
    ]),
  ),
  ["CLAIM of a lapsed claim only", claimRequest(RECORDS, { ...CLAIM, onlyLapsed: true })],
  ["CLAIM with a scheme", claimRequest(RECORDS, { ...CLAIM, scheme: "scheme-1" })],
  [
    "CLAIM that rewrites a claim of release 0.1",
    claimRequest(RECORDS, { ...CLAIM, rewrites: { ...SEEN, state: "CLAIMED", isOld: true } }),
  ],
  [
    "CLAIM that rewrites a scheme",
    claimRequest(RECORDS, {
      ...{ ...CLAIM, scheme: "scheme-1" },
      rewrites: { ...SEEN, state: "CLAIMED" },
    }),
  ],
  ...(["restart", "resume"] as const).map((takeover): [string, UpdateItemCommandInput] => [
    `CLAIM of a suspended claim, takeover ${takeover}`,
    claimRequest(RECORDS, {
      ...{ ...CLAIM, takeover },
      rewrites: { ...SEEN, state: "CLAIMED", suspendedUntilMs: 99 },
    }),
  ]),
  ["CLAIM without an end", claimRequest(RECORDS, { ...CLAIM, expiresAtSeconds: undefined })],
  [
    "CLAIM with a completer",
    claimRequest(RECORDS, {
      ...CLAIM,
      completer: { name: "pay", interrupted: "resume", abandoned: "complete", event: "{}" },
    }),
  ],
  ...STATES.map((state): [string, UpdateItemCommandInput] => [
    `CLAIM in place of a ${state} record`,
    claimRequest(RECORDS, { ...CLAIM, replaces: { ...SEEN, state } }),
  ]),
  ["COMPLETE", completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: END_SECONDS })],
  ["COMPLETE in a transaction", completeRequest(RECORDS, { ...COMPLETE, ...FREE }, NOW_MS)],
  [
    "COMPLETE without an end",
    completeRequest(RECORDS, { ...COMPLETE, expiresAtSeconds: undefined }),
  ],
  ["COMMIT ONCE", completeRequest(RECORDS, { ...UNCLAIMED, expiresAtSeconds: END_SECONDS })],
  [
    "COMMIT ONCE with a scheme and an entity",
    completeRequest(RECORDS, {
      ...{ ...UNCLAIMED, expiresAtSeconds: END_SECONDS },
      claim: { ...ONCE_CLAIM, scheme: "scheme-1", entityId: "e" },
    }),
  ],
  ["CHECKPOINT", checkpointRequest(RECORDS, { ...STEP, index: 0 })],
  ["a later CHECKPOINT", checkpointRequest(RECORDS, { ...STEP, index: 1 })],
  ["CHECKPOINT in a transaction", checkpointRequest(RECORDS, { ...STEP, index: 0 }, NOW_MS)],
  [
    "a later CHECKPOINT in a transaction",
    checkpointRequest(RECORDS, { ...STEP, index: 1 }, NOW_MS),
  ],
  ["MARK", markRequest(RECORDS, { ...MINE, nowMs: NOW_MS })],
  ["RELEASE", releaseRequest(RECORDS, MINE)],
  ["FREE", freeRequest(RECORDS, FREE)],
  ["FREE without a claim", freeRequest(RECORDS, { ...UNCLAIMED, expiresAtSeconds: END_SECONDS })],
  ...STATES.map((state): [string, UpdateItemCommandInput] => [
    `FREE in place of a ${state} record`,
    freeRequest(RECORDS, {
      ...{ ...UNCLAIMED, expiresAtSeconds: END_SECONDS },
      replaces: { ...SEEN, state },
    }),
  ]),
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
      "IN",
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
