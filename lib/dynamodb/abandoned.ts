import type { QueryCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { aliases } from "./aliases.ts";
import { CLAIM_ATTRIBUTES, update } from "./expressions.ts";
import { storedText, wholeNumber } from "./fields.ts";
import type { Item } from "./item.ts";
import type { TableLayout } from "./layout.ts";

/* The requests of the completer, as data. Its writes are conditional, like all others. */

/** The sparse index of claims by the end of their lease; only claims of some profiles are in it. */
export const DUE_INDEX = "due";

/** A claim that a completer has found: its owner, and the event that can finish it. */
export interface DueClaim {
  readonly id: string;
  readonly owner: string;
  /** Epoch milliseconds until which its owner may be alive. */
  readonly leaseUntilMs: number;
  /** How often a completer has tried to finish the work. */
  readonly attempts: number;
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
  functionName: string,
  nowMs: number,
  startKey: Item | undefined,
): QueryCommandInput {
  return {
    TableName: layout.tableName,
    IndexName: DUE_INDEX,
    KeyConditionExpression: IS_DUE,
    ExpressionAttributeNames: aliases(layout, IS_DUE),
    ExpressionAttributeValues: {
      ":function": { S: functionName },
      ":nowMs": { N: String(nowMs) },
    },
    ...(startKey && { ExclusiveStartKey: startKey }),
  };
}

/**
 * The claim in a record that a completer may have to finish; `undefined` if it has ended.
 *
 * @throws RecordError if an attribute cannot be read. An unreadable event is not taken for a
 *   missing one, because the outcome would then be given up.
 */
export function dueClaimIn(item: Item | undefined): DueClaim | undefined {
  const { id, owner, state, due, leaseUntil } = item ?? {};
  if (item === undefined || state?.S !== "CLAIMED") return undefined;
  if (due?.N === undefined || leaseUntil?.N === undefined) return undefined;
  if (id?.S === undefined || owner?.S === undefined) return undefined;
  return {
    id: id.S,
    owner: owner.S,
    leaseUntilMs: wholeNumber(item, "leaseUntil"),
    attempts: item.attempts ? wholeNumber(item, "attempts") : 0,
    event: item.event && storedText(item, "event"),
  };
}

const IS_SAME_CLAIM = "#state = :claimed AND #owner = :owner";

/** UNKNOWN. Gives the outcome up: no execution repeats the request, and an operator is told. */
export function unknownRequest(
  layout: TableLayout,
  { id, owner }: Pick<DueClaim, "id" | "owner">,
  nowMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    id,
    `SET #state = :unknown REMOVE #leaseUntil, ${CLAIM_ATTRIBUTES}`,
    `${IS_SAME_CLAIM} AND #leaseUntil <= :nowMs`,
    {
      ":unknown": { S: "UNKNOWN" },
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: owner },
      ":nowMs": { N: String(nowMs) },
    },
  );
}

/**
 * POSTPONE. The work is not finished yet; the next attempt is at `dueMs`. Only this hint changes.
 */
export function postponeRequest(
  layout: TableLayout,
  { id, owner }: Pick<DueClaim, "id" | "owner">,
  attempts: number,
  dueMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    id,
    "SET #due = :due, #attempts = :attempts",
    `${IS_SAME_CLAIM} AND attribute_exists(#due)`,
    {
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: owner },
      ":due": { N: String(dueMs) },
      ":attempts": { N: String(attempts) },
    },
  );
}
