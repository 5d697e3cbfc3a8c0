import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { attribute, type Bound, type Item, operand } from "./operand.ts";
import { reader, type Tokens } from "./tokens.ts";

/** What a condition says about an item; of one that does not exist there are no attributes. */
export type Condition = (item: Item, bound: Bound) => boolean;

/** Reads the text of a condition. */
export const readCondition = reader(disjunction);

function disjunction(tokens: Tokens): Condition {
  let condition = conjunction(tokens);
  while (tokens.takes("OR")) {
    const [left, right] = [condition, conjunction(tokens)];
    condition = (item, bound) => left(item, bound) || right(item, bound);
  }
  return condition;
}

function conjunction(tokens: Tokens): Condition {
  let condition = negation(tokens);
  while (tokens.takes("AND")) {
    const [left, right] = [condition, negation(tokens)];
    condition = (item, bound) => left(item, bound) && right(item, bound);
  }
  return condition;
}

function negation(tokens: Tokens): Condition {
  if (!tokens.takes("NOT")) return atom(tokens);
  const negated = negation(tokens);
  return (item, bound) => !negated(item, bound);
}

function atom(tokens: Tokens): Condition {
  if (tokens.takes("(")) {
    const inner = disjunction(tokens);
    tokens.expect(")");
    return inner;
  }
  if (tokens.takes("attribute_exists")) return existence(tokens, true);
  if (tokens.takes("attribute_not_exists")) return existence(tokens, false);
  const left = operand(tokens);
  const compare = COMPARISONS[tokens.take(/^(=|<>|<|<=|>|>=)$/, "a comparison")] as Comparison;
  const right = operand(tokens);
  return (item, bound) => compare(left(item, bound), right(item, bound));
}

function existence(tokens: Tokens, isExpected: boolean): Condition {
  tokens.expect("(");
  const found = attribute(tokens);
  tokens.expect(")");
  return (item, bound) => (found(item, bound) !== undefined) === isExpected;
}

type Value = AttributeValue | undefined;
type Comparison = (left: Value, right: Value) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": (left, right) => left !== undefined && isEqual(left, right),
  "<>": (left, right) => !isEqual(left, right),
  "<": ordered((left, right) => left < right),
  "<=": ordered((left, right) => left <= right),
  ">": ordered((left, right) => left > right),
  ">=": ordered((left, right) => left >= right),
};

function isEqual(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  if (left.N !== undefined && right.N !== undefined) return Number(left.N) === Number(right.N);
  if (left.S !== undefined || right.S !== undefined) return left.S === right.S;
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Only of two numbers, or of two texts, one is before the other. */
function ordered(isSo: (left: number | string, right: number | string) => boolean): Comparison {
  return (left, right) => {
    if (left?.N !== undefined && right?.N !== undefined) {
      return isSo(Number(left.N), Number(right.N));
    }
    return left?.S !== undefined && right?.S !== undefined && isSo(left.S, right.S);
  };
}
