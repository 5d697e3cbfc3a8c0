/** A request to DynamoDB; the SDK's input and the body on the wire have the same form. */
export interface DynamoDbRequest {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** One write of a record, alone or in a transaction. */
export interface Update {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** One action of a transaction. */
export type Action = { readonly Update?: Update };

/** Removes a safeguard. The result is one request, several in the order to send them, or none. */
export type Plant = (request: DynamoDbRequest) => DynamoDbRequest[];

/** Only updates of records alias the owner. */
function isOfRecord(update: Update): boolean {
  return update.ExpressionAttributeNames?.["#owner"] === "owner";
}

/** Changes each update of a record, also in a transaction. */
export function changeRecordUpdates(
  change: (update: Update, operation: string) => Update | undefined,
): Plant {
  return ({ operation, input }) => {
    const changeRecord = (update: Update) =>
      isOfRecord(update) ? change(update, operation) : update;
    if (operation === "UpdateItem") {
      const changed = changeRecord(input as unknown as Update);
      return changed === undefined ? [] : [{ operation, input: { ...input, ...changed } }];
    }
    if (operation !== "TransactWriteItems") return [{ operation, input }];
    const TransactItems = (input.TransactItems as readonly Action[]).map((action) =>
      action.Update === undefined ? action : { Update: changeRecord(action.Update) },
    );
    return [{ operation, input: { ...input, TransactItems } }];
  };
}

/** Makes atoms always true. They stay in place: DynamoDB refuses names and values that no expression uses. */
export function weaken(update: Update, ...atoms: readonly string[]): Update {
  const ConditionExpression = atoms.reduce((condition, atom) => {
    const name = /#\w+/.exec(atom)?.[0];
    const isAnything = `attribute_exists(${name}) OR attribute_not_exists(${name})`;
    return condition.replace(atom, `(${atom} OR ${isAnything})`);
  }, update.ConditionExpression);
  return { ...update, ConditionExpression };
}

/** Lets a write apply to another state of the record as well. */
export function permit(
  update: Update,
  condition: string,
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Update {
  return {
    ...update,
    ConditionExpression: `(${update.ConditionExpression}) OR ${condition}`,
    ExpressionAttributeNames: {
      ...update.ExpressionAttributeNames,
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ...values },
  };
}

/** A write applies to every record, and to none. */
export function dropCondition(update: Update): Update {
  const ConditionExpression = `attribute_exists(#owner) OR attribute_not_exists(#owner) OR (${update.ConditionExpression})`;
  return { ...update, ConditionExpression };
}

/** Gives a write other values. Those that it does not have stay away. */
export function changeValues(
  update: Update,
  change: (values: Readonly<Record<string, { readonly N?: string }>>) => Record<string, unknown>,
): Update {
  const values = (update.ExpressionAttributeValues ?? {}) as Record<
    string,
    { readonly N?: string }
  >;
  return { ...update, ExpressionAttributeValues: { ...values, ...change(values) } };
}
