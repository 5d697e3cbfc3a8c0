import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./errors.ts";
import { attribute, type Bound, type Operand, operand } from "./operand.ts";
import { reader, type Tokens } from "./tokens.ts";
import { type Item, isEqual, memberTexts, order, typeOf } from "./value.ts";

/** Whether an item meets a condition. An item that does not exist has no attributes. */
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
  if (tokens.calls("attribute_exists")) return existence(tokens, true);
  if (tokens.calls("attribute_not_exists")) return existence(tokens, false);
  for (const [name, isSo] of Object.entries(FUNCTIONS)) {
    if (tokens.calls(name)) return test(tokens, isSo);
  }
  return comparison(tokens);
}

function comparison(tokens: Tokens): Condition {
  const left = operand(tokens);
  if (tokens.takes("BETWEEN")) {
    const least = operand(tokens);
    tokens.expect("AND");
    const most = operand(tokens);
    return (item, bound) => {
      const [value, ...bounds] = [left, least, most].map((one) => orderable(one, item, bound));
      if (least.isGiven && most.isGiven && !isAtMost(bounds[0], bounds[1])) {
        invalid("The BETWEEN operator requires an upper bound that is not below the lower bound");
      }
      return isAtLeast(value, bounds[0]) && isAtMost(value, bounds[1]);
    };
  }
  if (tokens.takes("IN")) {
    const others = listed(tokens);
    return (item, bound) => others.some((one) => isSame(left(item, bound), one(item, bound)));
  }
  const operator = tokens.take(/^(=|<>|<|<=|>|>=)$/, "a comparison");
  const compare = COMPARISONS[operator] as Comparison;
  const right = operand(tokens);
  if (/^(=|<>)$/.test(operator)) {
    return (item, bound) => compare(left(item, bound), right(item, bound));
  }
  return (item, bound) => compare(orderable(left, item, bound), orderable(right, item, bound));
}

/** @throws ValidationException for a value of the request that has no order. */
function orderable(operand: Operand, item: Item, bound: Bound): Value {
  const value = operand(item, bound);
  if (operand.isGiven && value !== undefined && order(value, value) === undefined) {
    invalid(`Incorrect operand type for a comparison: ${typeOf(value)}`);
  }
  return value;
}

function existence(tokens: Tokens, isExpected: boolean): Condition {
  const found = attribute(tokens);
  tokens.expect(")");
  return (item, bound) => (found(item, bound) !== undefined) === isExpected;
}

function test(tokens: Tokens, isSo: Test): Condition {
  const found = attribute(tokens);
  tokens.expect(",");
  const argument = operand(tokens);
  tokens.expect(")");
  return (item, bound) => {
    const [value, other] = [found(item, bound), argument(item, bound)];
    return value !== undefined && other !== undefined && isSo(value, other);
  };
}

function listed(tokens: Tokens): Operand[] {
  tokens.expect("(");
  const all: Operand[] = [];
  do all.push(operand(tokens));
  while (tokens.takes(","));
  tokens.expect(")");
  return all;
}

type Value = AttributeValue | undefined;
type Comparison = (left: Value, right: Value) => boolean;
type Test = (value: AttributeValue, argument: AttributeValue) => boolean;

const isAtLeast = ordered((sign) => sign >= 0);
const isAtMost = ordered((sign) => sign <= 0);

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "=": isSame,
  "<>": (left, right) => !isSame(left, right),
  "<": ordered((sign) => sign < 0),
  "<=": isAtMost,
  ">": ordered((sign) => sign > 0),
  ">=": isAtLeast,
};

function isSame(left: Value, right: Value): boolean {
  return left !== undefined && right !== undefined && isEqual(left, right);
}

function ordered(isSo: (sign: number) => boolean): Comparison {
  return (left, right) => {
    const sign = left && right && order(left, right);
    return sign !== undefined && isSo(sign);
  };
}

const FUNCTIONS: Readonly<Record<string, Test>> = {
  begins_with: beginsWith,
  contains(value, argument) {
    if (value.S !== undefined) return argument.S !== undefined && value.S.includes(argument.S);
    if (value.L !== undefined) return value.L.some((one) => isEqual(one, argument));
    const set = memberTexts(value);
    const [member] = memberTexts(setOf(argument)) ?? [];
    return set?.has(member ?? "") === true && typeOf(value) === typeOf(setOf(argument));
  },
  attribute_type(value, { S: type = "" }) {
    if (!/^(S|N|B|BOOL|NULL|L|M|SS|NS|BS)$/.test(type)) invalid(`There is no type "${type}".`);
    return typeOf(value) === type;
  },
};

export function beginsWith(value: AttributeValue, argument: AttributeValue): boolean {
  if (argument.S !== undefined) return value.S?.startsWith(argument.S) === true;
  if (argument.B === undefined) invalid("begins_with asks for a text or a binary value.");
  const start = value.B?.subarray(0, argument.B?.byteLength);
  return start !== undefined && isEqual({ B: start }, argument);
}

/** The set that has this value as its only member; the value itself where there is none. */
function setOf(value: AttributeValue): AttributeValue {
  if (value.S !== undefined) return { SS: [value.S] };
  if (value.N !== undefined) return { NS: [value.N] };
  return value.B === undefined ? value : { BS: [value.B] };
}
