import type { QueryCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { aliases } from "./aliases.ts";
import { OF_THE_CLAIM, update } from "./expressions.ts";
import { storedText, wholeNumber } from "./fields.ts";
import type { Item } from "./item.ts";
import type { TableLayout } from "./layout.ts";

/* The requests of the completer, as data. What it writes is conditional, as everything else is. */

/** The sparse index of claims by the end of their lease; only claims of some profiles are in it. */
export const DUE_INDEX = "due";

/** A claim that a completer has found: whose it is, and what is known about finishing it. */
export interface DueClaim {
  readonly id: string;
  readonly owner: string;
  /** Epoch milliseconds; before them its owner may be alive. */
  readonly leaseUntilMs: number;
  /** How often a completer has tried to finish it. */
  readonly attempts: number;
  /** The event to invoke the function with; `undefined` = it was not kept. */
  readonly event: string | undefined;
}

const IS_DUE = "#function = :function AND #due <= :nowMs";

/** DUE. A page of what may be abandoned; the index may lag, so each record is read before use. */
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
 * @throws RecordError if it cannot be read: an event that is there is not taken for one that was not
 *   kept, because the outcome would be given up.
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

const STILL_THEIRS = "#state = :claimed AND #owner = :owner";

/** UNKNOWN. The outcome is given up: nobody executes the request again, and an operator is told. */
export function unknownRequest(
  layout: TableLayout,
  { id, owner }: Pick<DueClaim, "id" | "owner">,
  nowMs: number,
): UpdateItemCommandInput {
  return update(
    layout,
    id,
    `SET #state = :unknown REMOVE #leaseUntil, ${OF_THE_CLAIM}`,
    `${STILL_THEIRS} AND #leaseUntil <= :nowMs`,
    {
      ":unknown": { S: "UNKNOWN" },
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: owner },
      ":nowMs": { N: String(nowMs) },
    },
  );
}

/** POSTPONE. Still not finished; the next attempt is at `dueMs`. Nothing but the hint is moved. */
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
    `${STILL_THEIRS} AND attribute_exists(#due)`,
    {
      ":claimed": { S: "CLAIMED" },
      ":owner": { S: owner },
      ":due": { N: String(dueMs) },
      ":attempts": { N: String(attempts) },
    },
  );
}
