import { readCondition } from "./condition.ts";
import { invalid } from "./errors.ts";
import type { Bound, Item } from "./operand.ts";
import type { Parsed } from "./tokens.ts";
import { readUpdate } from "./update.ts";

/** A write of one item, by itself or in a transaction. */
export interface Write extends Bound {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

export type Kind = "Put" | "Update" | "Delete" | "ConditionCheck";

/** What a write comes to: the item after it, or a refusal. */
export type Outcome =
  | { readonly applies: true; readonly after: Item | undefined }
  | { readonly applies: false };

const NOTHING: Item = {};

/** The partition key of the item that is written; every table's is called `id`. */
export function idOf({ Key, Item: item }: Write): string {
  return (Key ?? item)?.id?.S ?? invalid("The key has no text called id.");
}

/** Evaluates a write on the item as it is. */
export function evaluate(kind: Kind, write: Write, before: Item | undefined): Outcome {
  const { ConditionExpression, UpdateExpression } = write;
  const condition =
    ConditionExpression === undefined ? undefined : readCondition(ConditionExpression);
  const update = UpdateExpression === undefined ? undefined : readUpdate(UpdateExpression);
  checkPlaceholders(write, [condition, update]);
  if (condition?.meaning(before ?? NOTHING, write) === false) return { applies: false };
  switch (kind) {
    case "Put":
      return { applies: true, after: write.Item };
    case "Delete":
      return { applies: true, after: undefined };
    case "ConditionCheck":
      return { applies: true, after: before };
    case "Update": {
      const item = before ?? { id: { S: idOf(write) } };
      return { applies: true, after: update === undefined ? item : update.meaning(item, write) };
    }
  }
}

/** DynamoDB refuses what is used and not given, and what is given and not used. */
function checkPlaceholders(
  { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Bound,
  expressions: readonly (Parsed<unknown> | undefined)[],
): void {
  const isUsed = (placeholder: string) =>
    expressions.some((expression) => expression?.placeholders.has(placeholder));
  for (const given of [ExpressionAttributeNames, ExpressionAttributeValues]) {
    for (const placeholder in given) {
      if (!isUsed(placeholder)) invalid(`${placeholder} is given and not used.`);
    }
  }
  for (const expression of expressions) {
    for (const placeholder of expression?.placeholders ?? []) {
      const isGiven =
        placeholder in ExpressionAttributeNames || placeholder in ExpressionAttributeValues;
      if (!isGiven) invalid(`${placeholder} is used and not given.`);
    }
  }
}
