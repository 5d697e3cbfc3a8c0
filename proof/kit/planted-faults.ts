import { RARE_FAULTS, WITHOUT_RARE } from "./rare-faults.ts";
import {
  type Action,
  changeRecordUpdates,
  type DynamoDbRequest,
  dropCondition,
  type Plant,
  type Update,
  weaken,
} from "./record-updates.ts";

/**
 * The six safeguards that every layer looks for; for each, a function that removes it from a request.
 * The code under test is the real one: its requests are rewritten on their way, so that nothing in the
 * product can switch a safeguard off.
 */
const WITHOUT = {
  "no fence": changeRecordUpdates(stopFence),
  "no owner check": changeRecordUpdates(ignoreOwner),
  "blind release": changeRecordUpdates(releaseBlindly),
  "no fingerprint in the takeover": changeRecordUpdates(ignoreFingerprint),
  "effect split from completion": splitEffect,
  "completion as an upsert": changeRecordUpdates(completeUnconditionally),
} satisfies Record<string, Plant>;

/** A safeguard that is removed from the protocol, so that every proof must fail. */
export type PlantedFault = keyof typeof WITHOUT;

/** Any safeguard; the simulator finds each of them. */
export type AnyFault = PlantedFault | keyof typeof WITHOUT_RARE;

export const PLANTED_FAULTS = Object.keys(WITHOUT) as PlantedFault[];

export const ALL_FAULTS: readonly AnyFault[] = [...PLANTED_FAULTS, ...RARE_FAULTS];

/** Removes a safeguard from a request. The result is one request, several in the order to send them, or none. */
export function plant(fault: AnyFault, request: DynamoDbRequest): DynamoDbRequest[] {
  const remove: Plant = { ...WITHOUT, ...WITHOUT_RARE }[fault];
  return remove(request);
}

/** Every claim of a key has the same fence. */
function stopFence(update: Update): Update {
  const UpdateExpression = update.UpdateExpression.replace(
    "#fence = if_not_exists(#fence, :nowMs) + :one",
    "#fence = if_not_exists(#fence, :nowMs)",
  ).replace("#fence = #fence + :one", "#fence = #fence");
  if (UpdateExpression.includes(":one")) return { ...update, UpdateExpression };
  // DynamoDB refuses values that no expression uses.
  const { ":one": _, ...ExpressionAttributeValues } = update.ExpressionAttributeValues ?? {};
  return { ...update, UpdateExpression, ExpressionAttributeValues };
}

/** A write under a claim asks for a claim, but not for its owner. */
function ignoreOwner(update: Update): Update {
  return weaken(update, "#owner = :me", "#fence = :fence");
}

/** A lapsed claim is taken over by any request. */
function ignoreFingerprint(update: Update): Update {
  return weaken(update, "#fingerprint = :fingerprint");
}

/** A release makes the key unused, as freeing does, also under another owner's claim. */
function releaseBlindly(update: Update): Update {
  const { UpdateExpression } = update;
  if (UpdateExpression.startsWith("SET #state = :freed")) return dropCondition(update);
  if (!UpdateExpression.startsWith("SET #leaseUntil = :zero")) return update;
  return dropCondition({
    ...update,
    UpdateExpression: `${UpdateExpression}, #state = :freed`,
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ":freed": { S: "FREED" } },
  });
}

/** A completion has no condition. */
function completeUnconditionally(update: Update): Update {
  return update.UpdateExpression.startsWith("SET #state = :completed")
    ? dropCondition(update)
    : update;
}

/** The business writes of a commit come first, and the write of its record after them. */
function splitEffect(request: DynamoDbRequest): DynamoDbRequest[] {
  const { TransactItems, ClientRequestToken } = request.input as {
    readonly TransactItems?: readonly [Action, ...Action[]];
    readonly ClientRequestToken?: string;
  };
  if (TransactItems === undefined || TransactItems.length < 2) return [request];
  const [record, ...business] = TransactItems;
  return [
    { ...request, input: { TransactItems: business, ClientRequestToken } },
    { operation: "UpdateItem", input: { ...record.Update } },
  ];
}
