import type { QueryCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { RecordError } from "../errors.ts";
import { OLD_RECORD_VERSION, RECORD_VERSION } from "../protocol/record.ts";
import { aliases } from "./aliases.ts";
import { isSetAside, setAsidePartition } from "./due-partition.ts";
import { endUpdate } from "./ends.ts";
import { COMPLETER_ATTRIBUTES } from "./expressions.ts";
import { storedText, text, wholeNumber } from "./fields.ts";
import type { Item } from "./item.ts";
import type { TableLayout } from "./layout.ts";
import { update } from "./update.ts";

/*
 * The requests of the completer, as data. Each write is conditional on the state, the owner and the
 * fence that were read: a claim that changed hands meanwhile is left alone.
 */

/** The sparse index of claims by the end of their lease; only claims of some profiles are in it. */
export const DUE_INDEX = "due";

/** A claim that a completer has found. */
export interface DueClaim {
  readonly id: string;
  readonly owner: string;
  readonly fingerprint: string;
  /** How often the request has been claimed. */
  readonly claims: number;
  /** The version of the record. */
  readonly version: number;
  readonly fence: number;
  /** Epoch milliseconds until which its owner may be alive. */
  readonly leaseUntilMs: number;
  /** Epoch milliseconds of the completer's next attempt. */
  readonly dueMs: number;
  /** How often a completer has tried to finish the work, over all claims of the request. */
  readonly attempts: number;
  /** Epoch milliseconds of the first claim; `undefined` = not known. */
  readonly startedAtMs: number | undefined;
  /** Whether the work may have begun, so that the request must end. */
  readonly mayHaveBegun: boolean;
  /** The contract's course for abandoned work. */
  readonly abandoned: "complete" | "unknown";
  /** Whether a client that comes back goes on with the work. */
  readonly isResumable: boolean;
  /** The event to invoke the function with; `undefined` = it was not kept. */
  readonly event: string | undefined;
}

const IS_DUE = "#function = :function AND #due <= :nowMs";

/**
 * DUE. A page of claims that may be abandoned. The index may lag, so each record is read before
 * use.
 */
export function dueRequest(
  layout: TableLayout,
  partition: string,
  nowMs: number,
  startKey: Item | undefined,
): QueryCommandInput {
  return {
    TableName: layout.tableName,
    IndexName: DUE_INDEX,
    KeyConditionExpression: IS_DUE,
    ExpressionAttributeNames: aliases(layout, IS_DUE),
    ExpressionAttributeValues: {
      ":function": { S: partition },
      ":nowMs": { N: String(nowMs) },
    },
    ...(startKey && { ExclusiveStartKey: startKey }),
  };
}

const IS_IN_PARTITION = "#function = :function";

/** STUCK?. Counts the stuck records of a function, as far as one page of the index goes. */
export function stuckCountRequest(layout: TableLayout, name: string): QueryCommandInput {
  return {
    TableName: layout.tableName,
    IndexName: DUE_INDEX,
    Select: "COUNT",
    KeyConditionExpression: IS_IN_PARTITION,
    ExpressionAttributeNames: aliases(layout, IS_IN_PARTITION),
    ExpressionAttributeValues: { ":function": { S: setAsidePartition(name, "stuck") } },
  };
}

/**
 * The claim in a record that a completer may have to finish; `undefined` if it has ended, or was set
 * aside.
 *
 * @throws RecordError if an attribute cannot be read. An unreadable event is not taken for a
 *   missing one, because the outcome would then be given up.
 */
export function dueClaimIn(item: Item | undefined): DueClaim | undefined {
  const { id, owner, state, due, leaseUntil, event } = item ?? {};
  if (item === undefined || state?.S !== "CLAIMED") return undefined;
  if (due?.N === undefined || leaseUntil?.N === undefined) return undefined;
  if (id?.S === undefined || owner?.S === undefined) return undefined;
  if (isSetAside(item.function?.S ?? "")) return undefined;
  const version = wholeNumber(item, "version");
  if (version > RECORD_VERSION) {
    throw new RecordError(
      `The record has version ${version}; this completer finishes records up to version ${RECORD_VERSION}. Deploy the completer with the library of its functions.`,
    );
  }
  // Release 0.1 wrote none of the three; without an event it asked for the outcome to be given up.
  const interrupted = item.interrupted && text(item, "interrupted");
  const abandoned = item.abandoned ? text(item, "abandoned") : event ? "complete" : "unknown";
  const isMarked = item.steps !== undefined || item.begun !== undefined;
  return {
    id: id.S,
    owner: owner.S,
    fingerprint: text(item, "fingerprint"),
    version,
    fence: wholeNumber(item, "fence"),
    leaseUntilMs: wholeNumber(item, "leaseUntil"),
    dueMs: wholeNumber(item, "due"),
    attempts: item.attempts ? wholeNumber(item, "attempts") : 0,
    claims: item.claims ? wholeNumber(item, "claims") : 0,
    startedAtMs: item.startedAt && wholeNumber(item, "startedAt"),
    mayHaveBegun: isMarked || version === OLD_RECORD_VERSION || interrupted !== "resume",
    abandoned: abandoned === "complete" ? "complete" : "unknown",
    isResumable: interrupted === "resume" || interrupted === "restart",
    event: event && storedText(item, "event"),
  };
}

/** The claim that a write is about. */
type SameClaim = Pick<DueClaim, "id" | "owner" | "fence">;

const IS_SAME_CLAIM = "#state = :claimed AND #owner = :owner AND #fence = :fence";
const HAS_LAPSED = `${IS_SAME_CLAIM} AND #leaseUntil <= :nowMs`;

function claimValues({ owner, fence }: SameClaim) {
  return {
    ":claimed": { S: "CLAIMED" },
    ":owner": { S: owner },
    ":fence": { N: String(fence) },
  };
}

/**
 * UNKNOWN. Gives the outcome up: no execution repeats the request, and an operator is told. The
 * evidence stays, and the record stays in the index, in a partition of its own.
 */
export function unknownRequest(
  layout: TableLayout,
  claim: SameClaim,
  name: string,
  nowMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    claim.id,
    "SET #state = :unknown, #function = :function, #due = :nowMs REMOVE #leaseUntil",
    HAS_LAPSED,
    {
      ...claimValues(claim),
      ":unknown": { S: "UNKNOWN" },
      ":function": { S: setAsidePartition(name, "unknown") },
      ":nowMs": { N: String(nowMs) },
    },
  );
}

/**
 * STUCK. No completer tries any more. The record stays claimed, so that its client can go on, and
 * stays in the index, in a partition of its own. A later claim moves it back.
 */
export function stuckRequest(
  layout: TableLayout,
  claim: SameClaim,
  name: string,
  nowMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    claim.id,
    "SET #function = :function, #due = :nowMs",
    `${HAS_LAPSED} AND attribute_exists(#due)`,
    {
      ...claimValues(claim),
      ":function": { S: setAsidePartition(name, "stuck") },
      ":nowMs": { N: String(nowMs) },
    },
  );
}

/** The owner of a claim that a completer has released. No execution has it. */
export const COMPLETER_OWNER = "the completer";

const RETENTION_SECONDS = 24 * 60 * 60;

/**
 * RELEASE. Nothing has begun under the claim, so no effect is missing: it leaves the index, and ends
 * after a day. Its client may still come back. A claim that has taken another one over does not end: the
 * route may have been one that restarts at that time, and marks nothing. The claim gets another owner, so
 * that a slow owner begins nothing that no completer would find:
 *
 *     owner       claim ── (sleeps) ────────────────── mark: refused
 *     completer                      ── RELEASE ──▶
 */
export function releaseUnbegunRequest(
  layout: TableLayout,
  claim: SameClaim & Pick<DueClaim, "claims">,
  nowMs: number,
): UpdateItemCommandInput {
  const endsAtSeconds = Math.ceil(nowMs / 1000) + RETENTION_SECONDS;
  const ends = endUpdate(claim.claims === 1 ? endsAtSeconds : undefined);
  return update(
    layout,
    claim.id,
    `SET #owner = :completer, #fence = #fence + :one, #leaseUntil = :zero${ends.set} REMOVE ${[COMPLETER_ATTRIBUTES, ...ends.remove].join(", ")}`,
    `${HAS_LAPSED} AND attribute_not_exists(#steps) AND attribute_not_exists(#begun)`,
    {
      ...claimValues(claim),
      ":completer": { S: COMPLETER_OWNER },
      ":one": { N: "1" },
      ":zero": { N: "0" },
      ...ends.values,
      ":nowMs": { N: String(nowMs) },
    },
  );
}

/**
 * ATTEMPT. Counts an attempt before it is made, so that one that no completer survives counts as
 * well. Of two completers that found the claim, one is refused.
 */
export function attemptRequest(
  layout: TableLayout,
  claim: SameClaim & Pick<DueClaim, "attempts">,
  nowMs: number,
  dueMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    claim.id,
    "SET #due = :due, #attempts = :attempts",
    `${HAS_LAPSED} AND #due <= :nowMs`,
    {
      ...claimValues(claim),
      ":nowMs": { N: String(nowMs) },
      ":due": { N: String(dueMs) },
      ":attempts": { N: String(claim.attempts + 1) },
    },
  );
}

/** POSTPONE. The work is not finished yet; the next attempt is at `dueMs`. Only this hint changes. */
export function postponeRequest(
  layout: TableLayout,
  claim: SameClaim,
  dueMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    claim.id,
    "SET #due = :due",
    `${IS_SAME_CLAIM} AND attribute_exists(#due)`,
    { ...claimValues(claim), ":due": { N: String(dueMs) } },
  );
}
