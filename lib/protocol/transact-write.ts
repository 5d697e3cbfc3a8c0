/** Members that every write has. Values are plain JavaScript values. */
interface ConditionalPart {
  readonly TableName: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE" | undefined;
}

interface KeyedPart extends ConditionalPart {
  readonly Key: Readonly<Record<string, unknown>> | undefined;
}

/**
 * One business write of a commit: an item of the `TransactItems` of `TransactWriteCommand` in
 * `@aws-sdk/lib-dynamodb`. Exactly one member is set.
 */
export interface TransactWrite {
  readonly Put?:
    | (ConditionalPart & { readonly Item: Readonly<Record<string, unknown>> | undefined })
    | undefined;
  readonly Update?: (KeyedPart & { readonly UpdateExpression: string | undefined }) | undefined;
  readonly Delete?: KeyedPart | undefined;
  readonly ConditionCheck?: KeyedPart | undefined;
}
