import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { RECORD_VERSION } from "../protocol/record.ts";
import type {
  CheckpointRequest,
  ClaimRequest,
  CompleteRequest,
  ExtendRequest,
  FreeRequest,
  Owned,
  ReadOptions,
} from "../protocol/store.ts";
import { aliases } from "./aliases.ts";
import { recordKey, type TableLayout } from "./layout.ts";
import { storeText } from "./stored-text.ts";

/*
 * The requests of the protocol, as data. Each write is one conditional `UpdateItem`; a refusal
 * carries the old item. Every attribute is aliased: `owner`, `state` and `response` are or may
 * become reserved words.
 */

export function update(
  layout: TableLayout,
  id: string,
  UpdateExpression: string,
  ConditionExpression: string,
  ExpressionAttributeValues: NonNullable<UpdateItemCommandInput["ExpressionAttributeValues"]>,
): UpdateItemCommandInput {
  return {
    TableName: layout.tableName,
    Key: recordKey(layout, id),
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeNames: aliases(layout, UpdateExpression, ConditionExpression),
    ExpressionAttributeValues,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/**
 * CLAIM. The condition: the id is unused; or another execution's record has expired; or another
 * execution's claim has lapsed, for the same request and of this record version. The steps, the id
 * of the entity and the start that it has recorded stay: its successor goes on with them.
 *
 * `#owner <> :me` guards both arms. A claim that arrives twice, because the SDK sent it again,
 * never takes a record that this execution has claimed, released or freed already:
 *
 *     me     claim ───(reply lost)──── claim again ── handler refuses ── FREE
 *     store    │ applied                                                   │
 *              └────────────── the first copy, late: must change nothing ──┴──▶
 */
export function claimRequest(layout: TableLayout, claim: ClaimRequest): UpdateItemCommandInput {
  const expires = claim.expiresAtSeconds !== undefined;
  const entity = entityUpdate(claim);
  const abandoned = completerUpdate(claim);
  const removed = ["#response", ...(expires ? [] : ["#expiresAt"]), ...abandoned.remove];
  const request = update(
    layout,
    claim.id,
    "SET #state = :claimed, #owner = :me, #fingerprint = :fingerprint, #leaseUntil = :leaseUntil, " +
      "#version = :version, #fence = if_not_exists(#fence, :nowMs) + :one, " +
      "#startedAt = if_not_exists(#startedAt, :nowMs), #claims = if_not_exists(#claims, :zero) + :one" +
      `${entity.set}${abandoned.set}` +
      `${expires ? ", #expiresAt = :expiresAt" : ""} REMOVE ${removed.join(", ")}`,
    claimCondition(claim.takeover),
    {
      ...claimValues(claim, claim.owner),
      ":claimed": { S: "CLAIMED" },
      ":leaseUntil": { N: String(claim.leaseUntilMs) },
      ":zero": { N: "0" },
      ...entity.values,
      ...abandoned.values,
      ...(expires ? { ":expiresAt": { N: String(claim.expiresAtSeconds) } } : {}),
    },
  );
  // Asks for the old item, not the new one: for a new key DynamoDB returns nothing, which saves
  // bytes and parsing.
  return { ...request, ReturnValues: "ALL_OLD" };
}

/** The condition of a claim, alone or together with the completion. */
function claimCondition(takeover: ClaimRequest["takeover"]): string {
  const lapsed =
    "(#state = :claimed AND #leaseUntil <= :nowMs AND #fingerprint = :fingerprint AND #version = :version)";
  // A freed record looks like a lapsed claim, but its request has ended: it has no `claims`.
  if (takeover === "only") return `#owner <> :me AND attribute_exists(#claims) AND ${lapsed}`;
  const usable =
    takeover === "allowed"
      ? `(#expiresAt <= :nowSeconds OR ${lapsed})`
      : "#expiresAt <= :nowSeconds";
  return `attribute_not_exists(#id) OR (#owner <> :me AND ${usable})`;
}

/**
 * Makes a claim visible to a completer: the sparse index `due` has it, from the end of its lease
 * until it is completed or freed. A completer's own claim leaves the event as it is.
 */
function completerUpdate({ completer, takeover }: ClaimRequest) {
  if (completer === undefined) return { set: "", remove: [], values: {} };
  const { functionName, event } = completer;
  return {
    set: `, #function = :function, #due = :leaseUntil${event === undefined ? "" : ", #event = :event"}`,
    remove: event === undefined && takeover !== "only" ? ["#event"] : [],
    values: {
      ":function": { S: functionName },
      ...(event !== undefined && { ":event": storeText(event) }),
    },
  };
}

/** The id of the entity that the request creates: the first claim's, over every takeover. */
function entityUpdate({ entityId }: Pick<ClaimRequest, "entityId">) {
  return entityId === undefined
    ? { set: "", values: {} }
    : {
        set: ", #entityId = if_not_exists(#entityId, :entityId)",
        values: { ":entityId": { S: entityId } },
      };
}

function claimValues(
  { fingerprint, nowMs, takeover }: Pick<ClaimRequest, "fingerprint" | "nowMs" | "takeover">,
  owner: string,
) {
  return {
    ":me": { S: owner },
    ":fingerprint": { S: fingerprint },
    ":version": { N: String(RECORD_VERSION) },
    ":nowMs": { N: String(nowMs) },
    // DynamoDB refuses values that no expression uses.
    ...(takeover !== "only" && { ":nowSeconds": { N: String(Math.floor(nowMs / 1000)) } }),
    ":one": { N: "1" },
  };
}

/** The condition of every later write: the record is still a claim, and still this execution's. */
const STILL_MINE = "#state = :claimed AND #owner = :me";

function ownerValues(owner: string) {
  return { ":claimed": { S: "CLAIMED" }, ":me": { S: owner } };
}

/** Attributes that are of no use once a request has ended, and that the next one must not find. */
export const CLAIM_ATTRIBUTES = "#startedAt, #claims, #steps, #function, #due, #event, #attempts";

/** COMPLETE. An update and not a put: a record that TTL has deleted is not resurrected. */
export function completeRequest(
  layout: TableLayout,
  { id, owner, response, expiresAtSeconds, claim }: CompleteRequest,
): UpdateItemCommandInput {
  const expires = expiresAtSeconds !== undefined;
  const completion = {
    ":completed": { S: "COMPLETED" },
    ":response": storeText(response),
    ...(expires ? { ":expiresAt": { N: String(expiresAtSeconds) } } : {}),
  };
  const set = `SET #state = :completed, #response = :response${expires ? ", #expiresAt = :expiresAt" : ""}`;
  const remove = `REMOVE #leaseUntil, ${CLAIM_ATTRIBUTES}`;
  if (claim === undefined) {
    const values = { ...ownerValues(owner), ...completion };
    return update(layout, id, `${set} ${remove}`, STILL_MINE, values);
  }
  // COMMIT ONCE. The same for an unclaimed key: completing it is the claim. An update
  // here too, so that the fence goes on growing and the function needs no `PutItem`.
  const entity = entityUpdate(claim);
  return update(
    layout,
    id,
    `${set}, #owner = :me, #fingerprint = :fingerprint, #version = :version, ` +
      `#fence = if_not_exists(#fence, :nowMs) + :one${entity.set} ` +
      `${remove}${expires ? "" : ", #expiresAt"}`,
    claimCondition(claim.takeover),
    {
      ...claimValues(claim, owner),
      ...entity.values,
      ...completion,
      ...(claim.takeover === "never" ? {} : { ":claimed": { S: "CLAIMED" } }),
    },
  );
}

/**
 * CHECKPOINT. One more step is done. The number of earlier steps keeps a checkpoint that arrives
 * twice from being recorded twice.
 */
export function checkpointRequest(
  layout: TableLayout,
  { id, owner, index, step }: CheckpointRequest,
): UpdateItemCommandInput {
  const { name, result } = step;
  const entry = {
    M: { name: { S: name }, ...(result !== undefined && { result: storeText(result) }) },
  };
  const values = { ...ownerValues(owner), ":step": { L: [entry] } };
  return index === 0
    ? update(
        layout,
        id,
        "SET #steps = :step",
        `${STILL_MINE} AND attribute_not_exists(#steps)`,
        values,
      )
    : update(
        layout,
        id,
        "SET #steps = list_append(#steps, :step)",
        `${STILL_MINE} AND size(#steps) = :index`,
        { ...values, ":index": { N: String(index) } },
      );
}

/** RELEASE. The lease ends now; the fingerprint stays, so another payload is still a mismatch. */
export function releaseRequest(layout: TableLayout, { id, owner }: Owned): UpdateItemCommandInput {
  return update(layout, id, "SET #leaseUntil = :zero", STILL_MINE, {
    ...ownerValues(owner),
    ":zero": { N: "0" },
  });
}

/**
 * FREE. As if never claimed, but an update and not a delete: the fence survives. A late copy of its
 * claim may give an execution its claim back, without it knowing that another execution held the
 * claim in between. FREE therefore asks how often the request was claimed, so that the work which
 * the other execution began is not forgotten.
 */
export function freeRequest(
  layout: TableLayout,
  { id, owner, claims, expiresAtSeconds }: FreeRequest,
): UpdateItemCommandInput {
  return update(
    layout,
    id,
    `SET #leaseUntil = :zero, #expiresAt = :expiresAt REMOVE #entityId, ${CLAIM_ATTRIBUTES}`,
    `${STILL_MINE} AND #claims = :claims`,
    {
      ...ownerValues(owner),
      ":claims": { N: String(claims) },
      ":zero": { N: "0" },
      ":expiresAt": { N: String(expiresAtSeconds) },
    },
  );
}

/** EXTEND. A new lease for the same claim. */
export function extendRequest(
  layout: TableLayout,
  { id, owner, leaseUntilMs }: ExtendRequest,
): UpdateItemCommandInput {
  return update(layout, id, "SET #leaseUntil = :leaseUntil", STILL_MINE, {
    ...ownerValues(owner),
    ":leaseUntil": { N: String(leaseUntilMs) },
  });
}

/**
 * READ. Consistent for a caller that waits for a change, or must know whether the request is a
 * repeat. Eventual for a completed record, which does not change.
 */
export function readRequest(
  layout: TableLayout,
  id: string,
  consistency: ReadOptions["consistency"] = "strong",
): GetItemCommandInput {
  return {
    TableName: layout.tableName,
    Key: recordKey(layout, id),
    ConsistentRead: consistency === "strong",
  };
}
