import { invalid } from "./errors.ts";
import type { Bound } from "./operand.ts";
import type { Parsed } from "./tokens.ts";

/** DynamoDB refuses a placeholder that is used and not given, and one that is given and not used. */
export function checkPlaceholders(
  { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Bound,
  expressions: readonly (Parsed<unknown> | undefined)[],
): void {
  const isUsed = (placeholder: string) =>
    expressions.some((expression) => expression?.placeholders.has(placeholder));
  for (const given of [ExpressionAttributeNames, ExpressionAttributeValues]) {
    for (const placeholder of Object.keys(given)) {
      if (!isUsed(placeholder)) invalid(`${placeholder} is given and not used.`);
    }
  }
  for (const [placeholder, name] of Object.entries(ExpressionAttributeNames)) {
    if (typeof name !== "string")
      invalid(`${placeholder} must stand for the name of an attribute.`);
  }
  for (const expression of expressions) {
    for (const placeholder of expression?.placeholders ?? []) {
      const isGiven =
        Object.hasOwn(ExpressionAttributeNames, placeholder) ||
        Object.hasOwn(ExpressionAttributeValues, placeholder);
      if (!isGiven) invalid(`${placeholder} is used and not given.`);
    }
  }
}
