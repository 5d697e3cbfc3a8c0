import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { beginsWith } from "./condition.ts";
import { invalid } from "./errors.ts";
import { attributeName, type Bound, boundValue, type Name } from "./operand.ts";
import type { Key } from "./table.ts";
import { reader, type Tokens } from "./tokens.ts";
import { attributeIn, type Item, order, typeOf } from "./value.ts";

/** A condition of one attribute of a key. */
interface Part {
  readonly name: Name;
  readonly isEquality: boolean;
  readonly given: readonly ((bound: Bound) => AttributeValue)[];
  readonly holds: (value: AttributeValue, given: readonly AttributeValue[]) => boolean;
}

/** Reads the text of a key condition: one part, or two joined by AND. */
export const readKeyCondition = reader((tokens: Tokens): readonly Part[] => {
  const first = part(tokens);
  return tokens.takes("AND") ? [first, part(tokens)] : [first];
});

/**
 * Whether an item meets a key condition.
 *
 * @throws ValidationException for a condition that does not fit the key.
 */
export function keyPredicate(
  parts: readonly Part[],
  { hash, range }: Key,
  types: ReadonlyMap<string, string>,
  bound: Bound,
): (item: Item) => boolean {
  const tests = new Map(
    parts.map(({ given, ...part }) => [
      part.name(bound),
      { ...part, given: given.map((value) => value(bound)) },
    ]),
  );
  const fits =
    tests.size === parts.length &&
    tests.get(hash)?.isEquality === true &&
    [...tests.keys()].every((name) => name === hash || name === range);
  if (!fits) {
    const rest = range === undefined ? "" : `, and may ask for ${range}`;
    invalid(`Query key condition not supported: it asks for ${hash} = a value${rest}`);
  }
  for (const [name, { given }] of tests) {
    if (given.every((value) => typeOf(value) === types.get(name))) continue;
    invalid(`Condition parameter type does not match schema type of the key ${name}`);
  }
  return (item) =>
    [...tests].every(([name, { given, holds }]) => {
      const value = attributeIn(item, name);
      return value !== undefined && holds(value, given);
    });
}

/** The operators of keys: each accepts some orders of an attribute and a value. */
const OPERATORS: Readonly<Record<string, (sign: number) => boolean>> = {
  "=": (sign) => sign === 0,
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

function part(tokens: Tokens): Part {
  if (tokens.takes("(")) {
    const inner = part(tokens);
    tokens.expect(")");
    return inner;
  }
  if (tokens.calls("begins_with")) {
    const name = attributeName(tokens);
    tokens.expect(",");
    const given = [boundValue(tokens)];
    tokens.expect(")");
    const holds: Part["holds"] = (value, [start]) => beginsWith(value, start as AttributeValue);
    return { name, isEquality: false, given, holds };
  }
  const name = attributeName(tokens);
  if (tokens.takes("BETWEEN")) {
    const least = boundValue(tokens);
    tokens.expect("AND");
    const given = [least, boundValue(tokens)];
    const holds: Part["holds"] = (value, [from, to]) =>
      sign(value, from) >= 0 && sign(value, to) <= 0;
    return { name, isEquality: false, given, holds };
  }
  const operator = tokens.take(/^(=|<|<=|>|>=)$/, "a comparison of keys");
  const isSo = OPERATORS[operator] as (sign: number) => boolean;
  return {
    ...{ name, isEquality: operator === "=" },
    given: [boundValue(tokens)],
    holds: (value, [other]) => isSo(sign(value, other)),
  };
}

/** The order of two values of one type. */
function sign(left: AttributeValue, right: AttributeValue | undefined): number {
  return (right && order(left, right)) ?? Number.NaN;
}
