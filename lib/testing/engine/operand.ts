import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers, subtractNumbers } from "./decimal.ts";
import { invalid } from "./errors.ts";
import { RESERVED_WORDS } from "./reserved-words.ts";
import type { Tokens } from "./tokens.ts";
import { attributeIn, type Item } from "./value.ts";

/** The names and values behind the placeholders of an expression. */
export interface Bound {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** Evaluates an operand on an item; `undefined` = the item has no such attribute. */
export interface Operand {
  (item: Item, bound: Bound): AttributeValue | undefined;
  /** Whether it is a value of the request, of which the type can be wrong. */
  readonly isGiven?: boolean;
}

/** The name of an attribute, which may be behind a placeholder. */
export type Name = (bound: Bound) => string;

const NAME = /^#?[a-z_]\w*$/i;
const VALUE = /^:\w+$/;

/** Reads the name of an attribute. */
export function attributeName(tokens: Tokens): Name {
  const name = tokens.take(NAME, "the name of an attribute");
  if (tokens.takes(".") || tokens.takes("[")) {
    tokens.refuse(`A path into the attribute ${name}`);
  }
  if (RESERVED_WORDS.has(name.toLowerCase())) {
    invalid(`Attribute name is a reserved keyword; reserved keyword: ${name}`);
  }
  if (!name.startsWith("#")) return () => name;
  return ({ ExpressionAttributeNames }) => ExpressionAttributeNames?.[name] as string;
}

/** Reads the name of an attribute, as an operand. */
export function attribute(tokens: Tokens): Operand {
  const name = attributeName(tokens);
  return (item, bound) => attributeIn(item, name(bound));
}

/** Reads a placeholder of a value. */
export function boundValue(tokens: Tokens): (bound: Bound) => AttributeValue {
  const placeholder = tokens.take(VALUE, "a value");
  return ({ ExpressionAttributeValues }) =>
    ExpressionAttributeValues?.[placeholder] as AttributeValue;
}

/** Reads a value, an attribute, or the size of one: the operands of conditions. */
export function operand(tokens: Tokens): Operand {
  if (tokens.calls("size")) {
    const measured = attribute(tokens);
    tokens.expect(")");
    return (item, bound) => sizeOf(measured(item, bound));
  }
  return tokens.isNext(VALUE) ? givenValue(tokens) : attribute(tokens);
}

/** Reads the value that an update sets: an operand, or the sum or the difference of two. */
export function sum(tokens: Tokens): Operand {
  const left = updateOperand(tokens);
  const isSum = tokens.takes("+");
  if (!isSum && !tokens.takes("-")) return left;
  const compute = isSum ? addNumbers : subtractNumbers;
  const right = updateOperand(tokens);
  return (item, bound) => ({
    N: compute(numberIn(left(item, bound)), numberIn(right(item, bound))),
  });
}

function updateOperand(tokens: Tokens): Operand {
  if (tokens.calls("if_not_exists")) {
    const [first, second] = pair(tokens, attribute);
    return (item, bound) => first(item, bound) ?? second(item, bound);
  }
  if (tokens.calls("list_append")) {
    const [first, second] = pair(tokens, updateOperand);
    return (item, bound) => ({
      L: [...listIn(first(item, bound)), ...listIn(second(item, bound))],
    });
  }
  return tokens.isNext(VALUE) ? givenValue(tokens) : attribute(tokens);
}

function givenValue(tokens: Tokens): Operand {
  const value = boundValue(tokens);
  return Object.assign((_: Item, bound: Bound) => value(bound), { isGiven: true });
}

function pair(tokens: Tokens, readFirst: (tokens: Tokens) => Operand): [Operand, Operand] {
  const first = readFirst(tokens);
  tokens.expect(",");
  const second = updateOperand(tokens);
  tokens.expect(")");
  return [first, second];
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value?.S !== undefined) return { N: String(Buffer.byteLength(value.S)) };
  const set = value?.SS ?? value?.NS ?? value?.BS;
  const entries = value?.M && Object.keys(value.M);
  const size = (value?.L ?? set ?? entries)?.length ?? value?.B?.byteLength;
  return size === undefined ? undefined : { N: String(size) };
}

function listIn(value: AttributeValue | undefined): AttributeValue[] {
  return value?.L ?? invalid("An operand of list_append is not a list.");
}

function numberIn(value: AttributeValue | undefined): string {
  return value?.N ?? invalid("An operand of + or - is not a number.");
}
