import type { GetItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { RECORD_VERSION } from "../protocol/record.ts";
import type {
  CheckpointRequest,
  CompleteRequest,
  ExtendRequest,
  FreeRequest,
  MarkRequest,
  Owned,
  ReadOptions,
} from "../protocol/store.ts";
import { endUpdate, seconds } from "./ends.ts";
import { recordKey, type TableLayout } from "./layout.ts";
import { replacedCondition, replacedValues } from "./replaced.ts";
import { storeText } from "./stored-text.ts";
import { update } from "./update.ts";

/* The requests under a claim, as data, and those that take an unused id with their end. */

/** The condition of every later write: the record is still a claim, and still this execution's. */
const STILL_MINE = "#state = :claimed AND #owner = :me AND #fence = :fence";

/** The claim has not ended. Only this version's claims are written to, so `endsAt` is their end. */
const STILL_LIVE = "(attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)";

function ownerValues({ owner, fence }: Owned) {
  return { ":claimed": { S: "CLAIMED" }, ":me": { S: owner }, ":fence": { N: String(fence) } };
}

/** Attributes by which a completer finds a claim. */
export const COMPLETER_ATTRIBUTES = "#function, #due, #event, #attempts, #interrupted, #abandoned";

/** Attributes that are of no use once a request has ended, and that the next one must not find. */
const CLAIM_ATTRIBUTES = `#startedAt, #claims, #steps, #begun, #origin, ${COMPLETER_ATTRIBUTES}`;

/** The names of refused requests, which a freed record keeps while it is taken and freed again. */
const REFUSED = "#refused";

/**
 * COMPLETE. An update and not a put: a record that TTL has deleted is not resurrected. Without writes it
 * does not ask whether the claim has ended: to record an effect that has happened is safer than to
 * forget it.
 *
 * @param liveAtMs the time of a commit: a claim that has ended by then commits nothing.
 */
export function completeRequest(
  layout: TableLayout,
  request: CompleteRequest,
  liveAtMs?: number,
): UpdateItemCommandInput {
  const { id, owner, response } = request;
  const ends = endUpdate(request.expiresAtSeconds);
  const set = `SET #state = :completed, #response = :response${ends.set}`;
  const completion = {
    ":completed": { S: "COMPLETED" },
    ":response": storeText(response),
    ...ends.values,
  };
  if (request.claim === undefined) {
    const live = liveCondition(liveAtMs);
    return update(
      layout,
      id,
      `${set} REMOVE ${["#leaseUntil", CLAIM_ATTRIBUTES, REFUSED, ...ends.remove].join(", ")}`,
      `${STILL_MINE}${live.condition}`,
      { ...ownerValues(request), ...completion, ...live.values },
    );
  }
  // COMMIT ONCE. The same for an id without an item: completing it is the claim.
  const { fingerprint, scheme, nowMs, entityId } = request.claim;
  return update(
    layout,
    id,
    `${set}, ${UNCLAIMED_SET}${scheme === undefined ? "" : ", #scheme = :scheme"}${entityId === undefined ? "" : ", #entityId = :entityId"}`,
    "attribute_not_exists(#id)",
    {
      ...unclaimedValues(owner, fingerprint, nowMs + 1),
      ...completion,
      ...(scheme !== undefined && { ":scheme": { S: scheme } }),
      ...(entityId !== undefined && { ":entityId": { S: entityId } }),
    },
  );
}

const UNCLAIMED_SET =
  "#owner = :me, #fingerprint = :fingerprint, #version = :version, #fence = :fence";

function unclaimedValues(owner: string, fingerprint: string, fence: number) {
  return {
    ":me": { S: owner },
    ":fingerprint": { S: fingerprint },
    ":version": { N: String(RECORD_VERSION) },
    ":fence": { N: String(fence) },
  };
}

function liveCondition(liveAtMs: number | undefined) {
  return liveAtMs === undefined
    ? { condition: "", values: {} }
    : { condition: ` AND ${STILL_LIVE}`, values: { ":nowSeconds": seconds(liveAtMs) } };
}

/**
 * CHECKPOINT. One more step is done. The number of earlier steps keeps a checkpoint that arrives
 * twice from being recorded twice. What has begun never ends incomplete, so the end is removed.
 *
 * @param liveAtMs the time of a commit: a claim that has ended by then commits nothing.
 */
export function checkpointRequest(
  layout: TableLayout,
  { index, step, ...owned }: CheckpointRequest,
  liveAtMs?: number,
): UpdateItemCommandInput {
  const { name, result } = step;
  const entry = {
    M: { name: { S: name }, ...(result !== undefined && { result: storeText(result) }) },
  };
  const live = liveCondition(liveAtMs);
  const values = { ...ownerValues(owned), ":step": { L: [entry] }, ...live.values };
  return index === 0
    ? update(
        layout,
        owned.id,
        "SET #steps = :step REMOVE #endsAt, #expiresAt",
        `${STILL_MINE} AND attribute_not_exists(#steps)${live.condition}`,
        values,
      )
    : update(
        layout,
        owned.id,
        "SET #steps = list_append(#steps, :step) REMOVE #endsAt, #expiresAt",
        `${STILL_MINE} AND size(#steps) = :index${live.condition}`,
        { ...values, ":index": { N: String(index) } },
      );
}

/** MARK. The request has begun: it has, or may soon have, an effect outside DynamoDB. */
export function markRequest(
  layout: TableLayout,
  { nowMs, ...owned }: MarkRequest,
): UpdateItemCommandInput {
  return update(
    layout,
    owned.id,
    "SET #begun = :nowMs REMOVE #endsAt, #expiresAt",
    `${STILL_MINE} AND ${STILL_LIVE}`,
    { ...ownerValues(owned), ":nowMs": { N: String(nowMs) }, ":nowSeconds": seconds(nowMs) },
  );
}

/** RELEASE. The lease ends now; the fingerprint stays, so another payload is still a mismatch. */
export function releaseRequest(layout: TableLayout, owned: Owned): UpdateItemCommandInput {
  return update(layout, owned.id, "SET #leaseUntil = :zero", STILL_MINE, {
    ...ownerValues(owned),
    ":zero": { N: "0" },
  });
}

/**
 * FREE. A state and not a deletion: the fence survives, and a late copy of a claim finds a record. It
 * asks how often the request was claimed, and that nothing has begun, so that no work is forgotten.
 *
 * A request that was not claimed writes the state under an id without a record, or in place of exactly
 * the freed or ended record that it has seen.
 */
export function freeRequest(layout: TableLayout, request: FreeRequest): UpdateItemCommandInput {
  const { id, owner, refused } = request;
  const ends = endUpdate(request.expiresAtSeconds);
  const set = `SET #state = :freed${ends.set}`;
  const refusals = refused === undefined ? {} : { ":refused": { SS: [refused] } };
  const freed = { ":freed": { S: "FREED" }, ...ends.values, ...refusals };
  const add = refused === undefined ? "" : ` ADD ${REFUSED} :refused`;
  if (request.claim === undefined) {
    return update(
      layout,
      id,
      `${set} REMOVE #leaseUntil, #entityId, ${CLAIM_ATTRIBUTES}${add}`,
      `${STILL_MINE} AND #claims = :claims AND attribute_not_exists(#steps) AND attribute_not_exists(#begun)`,
      { ...ownerValues(request), ":claims": { N: String(request.claims) }, ...freed },
    );
  }
  const { replaces, claim } = request;
  const { fingerprint, nowMs } = claim;
  const fence = (replaces?.fence ?? nowMs) + 1;
  const isKept = replaces === undefined || replaces.state === "FREED";
  const setAnew = refused === undefined ? "" : `, ${REFUSED} = :refused`;
  const removed = `#response, #leaseUntil, #entityId, ${CLAIM_ATTRIBUTES}`;
  const removedAnew = refused === undefined ? `, ${REFUSED}` : "";
  return update(
    layout,
    id,
    isKept
      ? `${set}, ${UNCLAIMED_SET} REMOVE ${removed}${add}`
      : `${set}${setAnew}, ${UNCLAIMED_SET} REMOVE ${removed}${removedAnew}`,
    replaces === undefined ? "attribute_not_exists(#id)" : replacedCondition(replaces),
    {
      ...unclaimedValues(owner, fingerprint, fence),
      ...freed,
      ...(replaces && replacedValues(replaces, nowMs)),
      ...(replaces?.state === "CLAIMED" && { ":nowMs": { N: String(nowMs) } }),
    },
  );
}

/** EXTEND. A later lease for the same claim. It never shortens a lease, nor revives a released claim. */
export function extendRequest(
  layout: TableLayout,
  { leaseUntilMs, ...owned }: ExtendRequest,
): UpdateItemCommandInput {
  return update(
    layout,
    owned.id,
    "SET #leaseUntil = :leaseUntil",
    `${STILL_MINE} AND #leaseUntil < :leaseUntil AND #leaseUntil > :zero`,
    {
      ...ownerValues(owned),
      ":leaseUntil": { N: String(leaseUntilMs) },
      ":zero": { N: "0" },
    },
  );
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
