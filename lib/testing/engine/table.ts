import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { invalid } from "./errors.ts";
import { checkedItem, type Item, typeOf } from "./value.ts";

/** The names of the attributes by which items are found. */
export interface Key {
  readonly hash: string;
  readonly range: string | undefined;
}

/** A secondary index. It has no items of its own: it is read from the table's. */
export interface Index extends Key {
  /** The attributes that are in it; `undefined` = all. */
  readonly attributes: readonly string[] | undefined;
  readonly isGlobal: boolean;
}

export interface Table {
  readonly definition: CreateTableCommandInput;
  readonly createdAtSeconds: number;
  readonly key: Key;
  readonly indexes: ReadonlyMap<string, Index>;
  /** The types of all attributes that are in a key. */
  readonly types: ReadonlyMap<string, string>;
  readonly items: Map<string, Item>;
  /** Each item before its last write. */
  readonly previous: Map<string, Item>;
  ttlAttribute: string | undefined;
}

/** The names of a key: one or two. */
export function keyNames({ hash, range }: Key): string[] {
  return range === undefined ? [hash] : [hash, range];
}

/** The attributes of a key, out of an item that has them. */
export function keyIn(key: Key, item: Item): Item {
  return Object.fromEntries(keyNames(key).map((name) => [name, item[name]])) as Item;
}

/**
 * The text under which a table keeps an item: of a table whose key is one text, that text.
 *
 * @param given the key and nothing else, or `isItem` a whole item.
 * @throws ValidationException for a key that is not the table's.
 */
export function keyText({ key, types }: Table, given: Item | undefined, isItem = false): string {
  const names = keyNames(key);
  const isOfTheTable =
    given !== undefined &&
    (isItem || Object.keys(given).length === names.length) &&
    names.every((name) => Object.hasOwn(given, name));
  if (!isOfTheTable) return invalid("The provided key element does not match the schema");
  const values = checkedItem(keyIn(key, given));
  for (const name of names) checkKeyAttribute(types, name, values);
  const [first, ...others] = names.map((name) => textOf(values, name));
  return others.length === 0 ? (first ?? "") : JSON.stringify([first, ...others]);
}

/**
 * Checks the attributes by which the indexes find an item.
 *
 * @throws ValidationException for one that is of another type than the index's, or empty.
 */
export function checkIndexKeys({ indexes, types }: Table, item: Item): void {
  for (const index of indexes.values()) {
    for (const name of keyNames(index)) {
      if (Object.hasOwn(item, name)) checkKeyAttribute(types, name, item);
    }
  }
}

function checkKeyAttribute(types: Table["types"], name: string, item: Item): void {
  const value = item[name] ?? invalid(`The key has no attribute ${name}`);
  const type = types.get(name);
  if (typeOf(value) !== type) {
    invalid(
      "One or more parameter values were invalid: Type mismatch for key " +
        `${name} expected: ${type} actual: ${typeOf(value)}`,
    );
  }
  if (value.S === "" || value.B?.byteLength === 0) {
    invalid(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot " +
        `contain an empty value. Key: ${name}`,
    );
  }
}

function textOf(values: Item, name: string): string {
  const { S, N, B } = values[name] ?? {};
  return S ?? N ?? Buffer.from(B ?? []).toString("hex");
}
