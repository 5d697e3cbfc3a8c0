import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { plainItem, type ValueOptions } from "../dynamodb/values.ts";
import type { Database } from "./engine/database.ts";

/**
 * The key of a table of a test: the name of its partition key, a text; or the keys as CDK's `Table` has
 * them.
 */
export type TestTableKey =
  | string
  | { readonly partitionKey: TestKeyAttribute; readonly sortKey?: TestKeyAttribute };

/** An attribute of a key. */
export interface TestKeyAttribute {
  readonly name: string;
  /** A text, a number or bytes: the values of CDK's `AttributeType`. */
  readonly type: "S" | "N" | "B";
}

/**
 * A table of a test, for its arrangement and its assertions. Items are plain JavaScript values, as in
 * `@aws-sdk/lib-dynamodb`. Nothing here is a request: no fault and no condition stands in the way.
 */
export interface TestTable<Item = Readonly<Record<string, unknown>>> {
  /** Writes items, each in place of the item with its key. */
  put(...items: readonly Item[]): void;
  /**
   * The item with this key; `undefined` if there is none. Numbers that JavaScript cannot hold are the SDK's
   * `NumberValue`.
   */
  get(key: Readonly<Record<string, unknown>>): Item | undefined;
  /** All items, in no order. */
  items(): Item[];
  /** Deletes the item with this key, if there is one: as TTL does, for example. */
  delete(key: Readonly<Record<string, unknown>>): void;
}

type PlainItem = Readonly<Record<string, unknown>>;

/** The request that creates a table. */
export function tableRequest(TableName: string, key: TestTableKey) {
  const { partitionKey, sortKey } =
    typeof key === "string" ? { partitionKey: { name: key, type: "S" }, sortKey: undefined } : key;
  const attributes = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  return {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: attributes.map(({ name }, index) => ({
      AttributeName: name,
      KeyType: index === 0 ? "HASH" : "RANGE",
    })),
  };
}

export function testTable(
  database: Database,
  TableName: string,
  options: ValueOptions,
): TestTable<PlainItem> {
  const marshalled = (values: PlainItem) =>
    marshall(values, { ...options, convertTopLevelContainer: false });
  return {
    put(...items) {
      for (const item of items) {
        database.carryOut("PutItem", { TableName, Item: marshalled(item) });
      }
    },
    get(key) {
      const { output } = database.carryOut("GetItem", { TableName, Key: marshalled(key) });
      const { Item } = output as { readonly Item?: Record<string, AttributeValue> };
      return Item && plain(Item);
    },
    items: () => [...database.items(TableName).values()].map(plain),
    delete(key) {
      database.carryOut("DeleteItem", { TableName, Key: marshalled(key) });
    },
  };
}

function plain(item: Record<string, AttributeValue>): PlainItem {
  const found = plainItem(item);
  if (found === undefined) throw new Error(`The item has no plain form: ${JSON.stringify(item)}`);
  return found;
}
