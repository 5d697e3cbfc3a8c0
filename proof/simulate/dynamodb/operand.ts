import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./errors.ts";
import type { Tokens } from "./tokens.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** What the placeholders of an expression stand for. */
export interface Bound {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** What an operand comes to; `undefined` = the item has no such attribute. */
export type Operand = (item: Item, bound: Bound) => AttributeValue | undefined;

const NAME = /^#?[a-z_]\w*$/i;
const NAME_OR_VALUE = /^[:#]?[a-z_]\w*$/i;

/** Reads the name of an attribute. Paths into attributes are not known here: nobody sends them. */
export function attributeName(tokens: Tokens): (bound: Bound) => string {
  return nameOf(tokens.take(NAME, "the name of an attribute"));
}

/** Reads the name of an attribute, for what the item has there. */
export function attribute(tokens: Tokens): Operand {
  const name = attributeName(tokens);
  return (item, bound) => item[name(bound)];
}

/** Reads a value, an attribute, or what a function makes of them. */
export function operand(tokens: Tokens): Operand {
  if (tokens.takes("size")) {
    tokens.expect("(");
    const measured = attribute(tokens);
    tokens.expect(")");
    return (item, bound) => sizeOf(measured(item, bound));
  }
  if (tokens.takes("if_not_exists")) {
    const [first, second] = pair(tokens, attribute);
    return (item, bound) => first(item, bound) ?? second(item, bound);
  }
  if (tokens.takes("list_append")) {
    const [first, second] = pair(tokens, operand);
    return (item, bound) => ({
      L: [...listIn(first(item, bound)), ...listIn(second(item, bound))],
    });
  }
  const token = tokens.take(NAME_OR_VALUE, "a value or an attribute");
  if (token.startsWith(":")) return (_, bound) => bound.ExpressionAttributeValues?.[token];
  const name = nameOf(token);
  return (item, bound) => item[name(bound)];
}

/** Reads an operand, or the sum or the difference of two. */
export function sum(tokens: Tokens): Operand {
  const left = operand(tokens);
  const sign = tokens.takes("+") ? 1 : tokens.takes("-") ? -1 : 0;
  if (sign === 0) return left;
  const right = operand(tokens);
  return (item, bound) => ({
    N: String(numberIn(left(item, bound)) + sign * numberIn(right(item, bound))),
  });
}

function nameOf(token: string): (bound: Bound) => string {
  if (!token.startsWith("#")) return () => token;
  return ({ ExpressionAttributeNames }) => ExpressionAttributeNames?.[token] as string;
}

function pair(tokens: Tokens, readFirst: typeof operand): [Operand, Operand] {
  tokens.expect("(");
  const first = readFirst(tokens);
  tokens.expect(",");
  const second = operand(tokens);
  tokens.expect(")");
  return [first, second];
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value?.S !== undefined) return { N: String(Buffer.byteLength(value.S)) };
  const size = value?.L?.length ?? value?.B?.byteLength;
  return size === undefined ? undefined : { N: String(size) };
}

function listIn(value: AttributeValue | undefined): AttributeValue[] {
  return value?.L ?? invalid("An operand of list_append is not a list.");
}

function numberIn(value: AttributeValue | undefined): number {
  return value?.N === undefined
    ? invalid("An operand of + or - is not a number.")
    : Number(value.N);
}
