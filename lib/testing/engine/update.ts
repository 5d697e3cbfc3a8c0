import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers } from "./decimal.ts";
import { invalid } from "./errors.ts";
import { attributeName, type Bound, boundValue, type Name, type Operand, sum } from "./operand.ts";
import { reader, type Tokens } from "./tokens.ts";
import { attributeIn, type Item, typeOf } from "./value.ts";

/** An update that has been read. */
export interface Update {
  /** The names of the attributes that it changes. */
  names(bound: Bound): readonly string[];
  /** Makes the new item. Everything is evaluated on the item as it was before. */
  apply(item: Item, bound: Bound): Item;
}

/** Reads the text of an update: its clauses SET, REMOVE, ADD and DELETE, each at most once. */
export const readUpdate = reader(clauses);

/** The change of one attribute; a value of `undefined` removes it. */
interface Change {
  readonly name: Name;
  readonly value: Operand;
}

const CLAUSES: Readonly<Record<string, (tokens: Tokens) => Change>> = {
  SET(tokens) {
    const name = attributeName(tokens);
    tokens.expect("=");
    const value = sum(tokens);
    return {
      name,
      value: (item, bound) =>
        value(item, bound) ??
        invalid("The provided expression refers to an attribute that does not exist in the item"),
    };
  },
  REMOVE: (tokens) => ({ name: attributeName(tokens), value: () => undefined }),
  ADD: (tokens) => changeByValue(tokens, added),
  DELETE: (tokens) => changeByValue(tokens, deleted),
};

function clauses(tokens: Tokens): Update {
  const changes: Change[] = [];
  const left = new Map(Object.entries(CLAUSES));
  const next = () => [...left.keys()].find((keyword) => tokens.takes(keyword));
  for (let keyword = next(); keyword !== undefined; keyword = next()) {
    const read = left.get(keyword) as (typeof CLAUSES)[string];
    left.delete(keyword);
    do changes.push(read(tokens));
    while (tokens.takes(","));
  }
  if (changes.length === 0) tokens.expect("SET");
  return {
    names: (bound) => changes.map(({ name }) => name(bound)),
    apply(item, bound) {
      const attributes = new Map(Object.entries(item));
      for (const { name, value } of changes) {
        const after = value(item, bound);
        if (after === undefined) attributes.delete(name(bound));
        else attributes.set(name(bound), after);
      }
      return Object.fromEntries(attributes);
    },
  };
}

type Combine = (
  before: AttributeValue | undefined,
  value: AttributeValue,
) => AttributeValue | undefined;

function changeByValue(tokens: Tokens, combine: Combine): Change {
  const name = attributeName(tokens);
  const value = boundValue(tokens);
  return {
    name,
    value: (item, bound) => combine(attributeIn(item, name(bound)), value(bound)),
  };
}

function added(before: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (value.N === undefined && !isSet(value)) invalid("ADD asks for a number or a set.");
  if (before === undefined) return value;
  if (typeOf(before) !== typeOf(value)) return invalid("ADD asks for two values of one type.");
  if (before.N !== undefined) return { N: addNumbers(before.N, value.N as string) };
  return withMembers(before, [...membersIn(before), ...membersIn(value)]);
}

function deleted(
  before: AttributeValue | undefined,
  value: AttributeValue,
): AttributeValue | undefined {
  if (!isSet(value)) invalid("DELETE asks for a set.");
  if (before === undefined) return undefined;
  if (typeOf(before) !== typeOf(value)) return invalid("DELETE asks for two sets of one type.");
  const gone = new Set(membersIn(value).map(textOf));
  const kept = membersIn(before).filter((one) => !gone.has(textOf(one)));
  return kept.length === 0 ? undefined : withMembers(before, kept);
}

type Member = string | Uint8Array;

function isSet(value: AttributeValue): boolean {
  return (value.SS ?? value.NS ?? value.BS) !== undefined;
}

function membersIn(value: AttributeValue): readonly Member[] {
  return value.SS ?? value.NS ?? value.BS ?? [];
}

function withMembers(set: AttributeValue, members: readonly Member[]): AttributeValue {
  const distinct = new Map(members.map((one) => [textOf(one), one]));
  return { [typeOf(set)]: [...distinct.values()] } as unknown as AttributeValue;
}

function textOf(member: Member): string {
  return typeof member === "string" ? member : Buffer.from(member).toString("hex");
}
