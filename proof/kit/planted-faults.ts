/** A request to DynamoDB; the SDK's input and the body on the wire have the same form. */
export interface DynamoDbRequest {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/**
 * The six safeguards; for each, a function that removes it from a request. The code under test is the
 * real one: its requests are rewritten on their way, so that nothing in the product can switch a
 * safeguard off.
 */
const WITHOUT = {
  "no fence": changeRecordUpdates(stopFence),
  "no owner check": changeRecordUpdates(ignoreOwner),
  "blind release": changeRecordUpdates(releaseBlindly),
  "no fingerprint in the takeover": changeRecordUpdates(ignoreFingerprint),
  "effect split from completion": splitEffect,
  "completion as an upsert": changeRecordUpdates(completeUnconditionally),
} satisfies Record<string, (request: DynamoDbRequest) => DynamoDbRequest[]>;

/** A safeguard that is removed from the protocol, so that a proof must fail. */
export type PlantedFault = keyof typeof WITHOUT;

export const PLANTED_FAULTS = Object.keys(WITHOUT) as PlantedFault[];

/** Removes a safeguard from a request. The result is one request, or several in the order to send them. */
export function plant(fault: PlantedFault, request: DynamoDbRequest): DynamoDbRequest[] {
  return WITHOUT[fault](request);
}

interface Update {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

type Action = { readonly Update?: Update };

/** Every claim of a key has the same fence. */
function stopFence(update: Update): Update {
  const UpdateExpression = update.UpdateExpression.replace(
    "#fence = if_not_exists(#fence, :nowMs) + :one",
    "#fence = if_not_exists(#fence, :nowMs)",
  );
  if (UpdateExpression.includes(":one")) return { ...update, UpdateExpression };
  // DynamoDB refuses values that no expression uses.
  const { ":one": _, ...ExpressionAttributeValues } = update.ExpressionAttributeValues ?? {};
  return { ...update, UpdateExpression, ExpressionAttributeValues };
}

/** A write under a claim asks for a claim, but not for its owner. */
function ignoreOwner(update: Update): Update {
  return weaken(update, "#owner = :me");
}

/** A lapsed claim is taken over by any request. */
function ignoreFingerprint(update: Update): Update {
  return weaken(update, "#fingerprint = :fingerprint");
}

/** A release makes the key unused, as freeing does, also under another owner's claim. */
function releaseBlindly(update: Update): Update {
  const { UpdateExpression } = update;
  if (!UpdateExpression.startsWith("SET #leaseUntil = :zero")) return update;
  if (UpdateExpression.includes("#expiresAt")) return dropCondition(update);
  return dropCondition({
    ...update,
    UpdateExpression: `${UpdateExpression}, #expiresAt = :zero`,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, "#expiresAt": "expiresAt" },
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

/** Changes each update of a record, also in a transaction. */
function changeRecordUpdates(change: (update: Update) => Update) {
  const changeRecord = (update: Update): Update =>
    // Only updates of records alias the owner.
    update.ExpressionAttributeNames?.["#owner"] === "owner" ? change(update) : update;
  return ({ operation, input }: DynamoDbRequest): DynamoDbRequest[] => {
    if (operation === "UpdateItem") {
      return [{ operation, input: { ...input, ...changeRecord(input as unknown as Update) } }];
    }
    if (operation !== "TransactWriteItems") return [{ operation, input }];
    const TransactItems = (input.TransactItems as readonly Action[]).map((action) =>
      action.Update === undefined ? action : { Update: changeRecord(action.Update) },
    );
    return [{ operation, input: { ...input, TransactItems } }];
  };
}

/** Makes an atom always true. It stays in place: DynamoDB refuses names and values that no expression uses. */
function weaken(update: Update, atom: string): Update {
  const [name] = atom.split(" ");
  const ConditionExpression = update.ConditionExpression.replace(
    atom,
    `(${atom} OR attribute_exists(${name}) OR attribute_not_exists(${name}))`,
  );
  return { ...update, ConditionExpression };
}

function dropCondition(update: Update): Update {
  const ConditionExpression = `attribute_exists(#owner) OR attribute_not_exists(#owner) OR (${update.ConditionExpression})`;
  return { ...update, ConditionExpression };
}
