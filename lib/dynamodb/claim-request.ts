import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { OLD_RECORD_VERSION, RECORD_VERSION } from "../protocol/record.ts";
import type { ClaimRequest, ReplacedRecord, RewrittenRecord } from "../protocol/store.ts";
import { duePartition } from "./due-partition.ts";
import { endUpdate, seconds } from "./ends.ts";
import { COMPLETER_ATTRIBUTES } from "./expressions.ts";
import type { TableLayout } from "./layout.ts";
import { namedCondition, namedValues, replacedCondition, replacedValues } from "./replaced.ts";
import { storeText } from "./stored-text.ts";
import { update } from "./update.ts";

/**
 * CLAIM. The condition: there is no item; or another execution's claim of the same request has lapsed
 * and not ended. The steps, the mark, the entity's id and the start that it has recorded stay: its
 * successor goes on with them.
 *
 * `#owner <> :me`: a claim that arrives twice, because the SDK sent it again, never takes a record that
 * this execution has claimed, released or freed already:
 *
 *     me     claim ───(reply lost)──── claim again ── handler refuses ── FREE
 *     store    │ applied                                                   │
 *              └────────────── the first copy, late: must change nothing ──┴──▶
 *
 * A claim that `replaces` a record has a condition and an effect of its own.
 */
export function claimRequest(layout: TableLayout, claim: ClaimRequest): UpdateItemCommandInput {
  const { replaces } = claim;
  const input =
    replaces === undefined ? firstClaim(layout, claim) : replacement(layout, claim, replaces);
  // Asks for the old item, not the new one: for a new key DynamoDB returns nothing, which saves
  // bytes and parsing.
  return { ...input, ReturnValues: "ALL_OLD" };
}

function firstClaim(layout: TableLayout, claim: ClaimRequest): UpdateItemCommandInput {
  const { takeover, onlyLapsed, nowMs, rewrites } = claim;
  const scheme = schemeUpdate(claim.scheme);
  const ends = endUpdate(claim.expiresAtSeconds);
  const entity = entityUpdate(claim);
  const abandoned = completerUpdate(claim);
  const removed = [...ends.remove, ...abandoned.remove];
  const removal = removed.length === 0 ? "" : ` REMOVE ${removed.join(", ")}`;
  const lapsed = lapsedCondition(claim);
  const conditions = [
    ...(onlyLapsed ? [] : ["attribute_not_exists(#id)"]),
    ...(takeover === "never" ? [] : [lapsed]),
  ];
  return update(
    layout,
    claim.id,
    `SET ${CLAIM_SET}${scheme.set}${rewrites ? rewriteSet(claim, rewrites) : ""}, #fence = if_not_exists(#fence, :nowMs) + :one, ` +
      "#startedAt = if_not_exists(#startedAt, :nowMs), #claims = if_not_exists(#claims, :zero) + :one" +
      `${entity.set}${abandoned.set}${ends.set}${removal}`,
    rewrites ? `${namedCondition()} AND ${lapsed}` : conditions.join(" OR "),
    {
      ...claimValues(claim),
      ...scheme.values,
      ":zero": { N: "0" },
      ...(takeover !== "never" &&
        rewrites?.suspendedUntilMs === undefined && { ":nowSeconds": seconds(nowMs) }),
      ...(rewrites?.suspendedUntilMs !== undefined && {
        ":seenLease": { N: String(rewrites.suspendedUntilMs) },
      }),
      ...(rewrites?.isOld && { ":oldVersion": { N: String(OLD_RECORD_VERSION) } }),
      ...entity.values,
      ...abandoned.values,
      ...ends.values,
      ...(rewrites && namedValues(rewrites)),
    },
  );
}

/**
 * The fingerprint of the first claim stays, because the keys for other services follow from it. A claim
 * of release 0.1 has no mark, so one that is resumed is taken for begun.
 */
function rewriteSet({ takeover }: ClaimRequest, { isOld }: RewrittenRecord): string {
  const origin = ", #origin = if_not_exists(#origin, #fingerprint)";
  return isOld && takeover === "resume" ? `${origin}, #begun = :nowMs` : origin;
}

function schemeUpdate(scheme: string | undefined) {
  return scheme === undefined
    ? { set: "", values: {} }
    : { set: ", #scheme = :scheme", values: { ":scheme": { S: scheme } } };
}

/**
 * CLAIM of a record that has ended or was freed. The condition names exactly that record: its owner,
 * its fence and its state, and asks again that it has ended, that its lease is over, and that no begun
 * work is forgotten. With owner and fence alone, a late COMPLETE of the old owner would slip in between.
 */
function replacement(
  layout: TableLayout,
  claim: ClaimRequest,
  replaces: ReplacedRecord,
): UpdateItemCommandInput {
  const { entityId, nowMs, completer } = claim;
  const scheme = schemeUpdate(claim.scheme);
  const ends = endUpdate(claim.expiresAtSeconds);
  const abandoned = completerUpdate(claim);
  const removed = [
    ...["#response", "#steps", "#begun", "#origin"],
    ...(claim.scheme === undefined ? ["#scheme"] : []),
    ...(replaces.state === "FREED" ? [] : ["#refused"]),
    ...ends.remove,
    ...(completer === undefined ? [COMPLETER_ATTRIBUTES] : ["#attempts", ...abandoned.remove]),
    ...(entityId === undefined ? ["#entityId"] : []),
  ];
  return update(
    layout,
    claim.id,
    `SET ${CLAIM_SET}${scheme.set}, #fence = #fence + :one, #startedAt = :nowMs, #claims = :one` +
      `${entityId === undefined ? "" : ", #entityId = :entityId"}${abandoned.set}${ends.set} ` +
      `REMOVE ${removed.join(", ")}`,
    replacedCondition(replaces),
    {
      ...claimValues(claim),
      ...scheme.values,
      ...replacedValues(replaces, nowMs),
      ...(entityId !== undefined && { ":entityId": { S: entityId } }),
      ...abandoned.values,
      ...ends.values,
    },
  );
}

const CLAIM_SET =
  "#state = :claimed, #owner = :me, #fingerprint = :fingerprint, #leaseUntil = :leaseUntil, #version = :version";

/** A lapsed or suspended claim that this claim may take over. */
function lapsedCondition({ takeover, entityId, rewrites }: ClaimRequest): string {
  return [
    "(#owner <> :me",
    "#state = :claimed",
    rewrites?.suspendedUntilMs === undefined ? "#leaseUntil <= :nowMs" : "#leaseUntil = :seenLease",
    ...(rewrites === undefined ? ["#fingerprint = :fingerprint"] : []),
    ...(takeover === "restart"
      ? ["attribute_not_exists(#steps)", "attribute_not_exists(#begun)"]
      : []),
    ...(entityId === undefined ? ["attribute_not_exists(#entityId)"] : []),
    `${liveness(rewrites)})`,
  ].join(" AND ");
}

/** A suspended claim goes on although it has ended: nothing but its own durable execution has held it. */
function liveness(rewrites: RewrittenRecord | undefined): string {
  if (rewrites?.suspendedUntilMs !== undefined) return "#version = :version";
  return rewrites?.isOld ? OLD_AND_LIVE : LIVE;
}

/** The record has not ended. What has begun has no end. */
const LIVE = "#version = :version AND (attribute_not_exists(#endsAt) OR #endsAt > :nowSeconds)";

/**
 * In version 1 the attribute for TTL was also the end, and steps might end. A freed record looked like a
 * lapsed claim, but had no `claims`.
 */
const OLD_AND_LIVE =
  "#version = :oldVersion AND attribute_exists(#claims) AND " +
  "(attribute_not_exists(#expiresAt) OR attribute_exists(#steps) OR #expiresAt > :nowSeconds)";

/**
 * Makes a claim visible to a completer: the sparse index `due` has it, from the end of its lease
 * until it is completed or freed. A completer's own claim leaves the event as it is.
 */
function completerUpdate({ id, completer, onlyLapsed }: ClaimRequest) {
  if (completer === undefined) return { set: "", remove: [], values: {} };
  const { name, interrupted, abandoned, event } = completer;
  return {
    set: `, #function = :function, #due = :leaseUntil, #interrupted = :interrupted, #abandoned = :abandoned${event === undefined ? "" : ", #event = :event"}`,
    remove: event === undefined && !onlyLapsed ? ["#event"] : [],
    values: {
      ":function": { S: duePartition(name, id) },
      ":interrupted": { S: interrupted },
      ":abandoned": { S: abandoned },
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

function claimValues({ owner, fingerprint, nowMs, leaseUntilMs }: ClaimRequest) {
  return {
    ":me": { S: owner },
    ":fingerprint": { S: fingerprint },
    ":version": { N: String(RECORD_VERSION) },
    ":nowMs": { N: String(nowMs) },
    ":one": { N: "1" },
    ":claimed": { S: "CLAIMED" },
    ":leaseUntil": { N: String(leaseUntilMs) },
  };
}
