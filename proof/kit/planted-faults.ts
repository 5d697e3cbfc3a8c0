/** A request to DynamoDB, as the SDK has it and as it is on the wire. */
export interface DynamoDbRequest {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/**
 * The six safeguards, each with what requests are like without it. The code under test is the real
 * one: what it sends is rewritten on its way, so that nothing in the product can switch a safeguard
 * off.
 */
const WITHOUT = {
  "no fence": inRecordUpdates(withoutGrowth),
  "no owner check": inRecordUpdates(withoutOwnerCheck),
  "blind release": inRecordUpdates(releasedBlindly),
  "no fingerprint in the takeover": inRecordUpdates(withoutFingerprint),
  "effect split from completion": effectFirst,
  "completion as an upsert": inRecordUpdates(completedAnyway),
} satisfies Record<string, (request: DynamoDbRequest) => DynamoDbRequest[]>;

/** What is taken away from the protocol, to see that it is missed. */
export type PlantedFault = keyof typeof WITHOUT;

export const PLANTED_FAULTS = Object.keys(WITHOUT) as PlantedFault[];

/** What becomes of a request without the safeguard: it changes, or becomes several, in their order. */
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
function withoutGrowth(update: Update): Update {
  const UpdateExpression = update.UpdateExpression.replace(
    "#fence = if_not_exists(#fence, :nowMs) + :one",
    "#fence = if_not_exists(#fence, :nowMs)",
  );
  if (UpdateExpression.includes(":one")) return { ...update, UpdateExpression };
  // DynamoDB refuses values that no expression uses.
  const { ":one": _, ...ExpressionAttributeValues } = update.ExpressionAttributeValues ?? {};
  return { ...update, UpdateExpression, ExpressionAttributeValues };
}

/** What is written under a claim asks for a claim, but not whose. */
function withoutOwnerCheck(update: Update): Update {
  return weakened(update, "#owner = :me");
}

/** A lapsed claim is taken over by any request. */
function withoutFingerprint(update: Update): Update {
  return weakened(update, "#fingerprint = :fingerprint");
}

/** Releasing makes the key unused, as freeing does, whoever has it. */
function releasedBlindly(update: Update): Update {
  const { UpdateExpression } = update;
  if (!UpdateExpression.startsWith("SET #leaseUntil = :zero")) return update;
  if (UpdateExpression.includes("#expiresAt")) return always(update);
  return always({
    ...update,
    UpdateExpression: `${UpdateExpression}, #expiresAt = :zero`,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, "#expiresAt": "expiresAt" },
  });
}

/** Completing asks for nothing. */
function completedAnyway(update: Update): Update {
  return update.UpdateExpression.startsWith("SET #state = :completed") ? always(update) : update;
}

/** The business writes of a commit are carried out first, and its record after them. */
function effectFirst(request: DynamoDbRequest): DynamoDbRequest[] {
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

/** Changes each update of a record, also within a transaction. */
function inRecordUpdates(change: (update: Update) => Update) {
  const changeRecord = (update: Update): Update =>
    // Records' updates are the ones that alias the owner.
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

/** Asks for it and takes any answer: DynamoDB refuses names and values that no expression uses. */
function weakened(update: Update, atom: string): Update {
  const [name] = atom.split(" ");
  const ConditionExpression = update.ConditionExpression.replace(
    atom,
    `(${atom} OR attribute_exists(${name}) OR attribute_not_exists(${name}))`,
  );
  return { ...update, ConditionExpression };
}

function always(update: Update): Update {
  const ConditionExpression = `attribute_exists(#owner) OR attribute_not_exists(#owner) OR (${update.ConditionExpression})`;
  return { ...update, ConditionExpression };
}
