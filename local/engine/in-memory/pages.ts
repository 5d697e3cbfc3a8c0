import { readCondition } from "./condition.ts";
import { invalid } from "./errors.ts";
import { keyPredicate, readKeyCondition } from "./key-condition.ts";
import type { Bound } from "./operand.ts";
import { checkPlaceholders } from "./placeholders.ts";
import { projected, readProjection } from "./projection.ts";
import { itemBytes } from "./size.ts";
import { type Index, type Key, keyNames, keyText, type Table } from "./table.ts";
import { checkedItem, type Item, order } from "./value.ts";

/** A query or a scan. */
export interface PageRequest extends Bound {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ConsistentRead?: boolean;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly Select?: string;
}

export interface Page {
  readonly Items?: readonly Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
}

const MAX_PAGE_BYTES = 1024 * 1024;

/** The items of one hash key, in the order of their range keys. */
export function query(table: Table, asked: PageRequest): Page {
  const text = asked.KeyConditionExpression ?? invalid("A Query has a KeyConditionExpression");
  const condition = readKeyCondition(text);
  const view = viewOf(table, asked);
  const holds = keyPredicate(condition.meaning, view, asked);
  const { range } = view;
  return page(table, view, asked, [condition], (all) => {
    const found = all.filter(([, item]) => holds(item));
    const compare = (one: Entry, other: Entry) =>
      (range === undefined ? 0 : byRange(range, one, other)) || byText(one, other);
    return asked.ScanIndexForward === false
      ? { found, compare: (one, other) => compare(other, one) }
      : { found, compare };
  });
}

/** All items, in no order that means anything. */
export function scan(table: Table, asked: PageRequest): Page {
  return page(table, viewOf(table, asked), asked, [], (found) => ({ found, compare: byText }));
}

/** An item, behind the text of its key. */
type Entry = readonly [text: string, item: Item];
type Compare = (one: Entry, other: Entry) => number;
type Parsed = Parameters<typeof checkPlaceholders>[1];

function page(
  table: Table,
  view: Index,
  given: PageRequest,
  conditions: Parsed,
  find: (all: Entry[]) => { readonly found: Entry[]; readonly compare: Compare },
): Page {
  const { FilterExpression, ProjectionExpression, ExpressionAttributeValues: values } = given;
  const filter = FilterExpression === undefined ? undefined : readCondition(FilterExpression);
  const projection =
    ProjectionExpression === undefined ? undefined : readProjection(ProjectionExpression);
  checkPlaceholders(given, [...conditions, filter, projection]);
  const asked = { ...given, ...(values && { ExpressionAttributeValues: checkedItem(values) }) };
  const keys = [...new Set([...keyNames(table.key), ...keyNames(view)])];
  const isInView = ([, item]: Entry) => keys.every((name) => Object.hasOwn(item, name));
  const { found, compare } = find([...table.items].filter(isInView));
  const start = startOf(table, keys, asked.ExclusiveStartKey);
  const following = found
    .filter((entry) => start === undefined || compare(entry, start) > 0)
    .sort(compare);

  const read = upTo(following, asked.Limit);
  const last =
    read.length < following.length || read.length === asked.Limit ? read.at(-1) : undefined;
  const items = read
    .map(([, item]) => (view.attributes ? projected(item, view.attributes) : item))
    .filter((item) => filter?.meaning(item, asked) !== false);
  const names = projection?.meaning.map((name) => name(asked));
  return {
    ...(asked.Select !== "COUNT" && {
      Items: names ? items.map((item) => projected(item, names)) : items,
    }),
    Count: items.length,
    ScannedCount: read.length,
    ...(last && { LastEvaluatedKey: projected(last[1], keys) }),
  };
}

/** As many as a page has room for. */
function upTo(entries: readonly Entry[], limit = Number.POSITIVE_INFINITY): Entry[] {
  const read: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (read.length >= limit || bytes > MAX_PAGE_BYTES) break;
    read.push(entry);
    bytes += itemBytes(entry[1]);
  }
  return read;
}

/** The table itself, or one of its indexes. */
function viewOf(table: Table, { IndexName, ConsistentRead = false }: PageRequest): Index {
  if (IndexName === undefined) return { ...table.key, attributes: undefined, isGlobal: false };
  const index =
    table.indexes.get(IndexName) ??
    invalid(`The table does not have the specified index: ${IndexName}`);
  if (index.isGlobal && ConsistentRead) {
    invalid("Consistent reads are not supported on global secondary indexes");
  }
  return index;
}

function startOf(
  table: Table,
  keys: readonly string[],
  given: Item | undefined,
): Entry | undefined {
  if (given === undefined) return undefined;
  const key = checkedItem(given);
  const isComplete = keys.every((name) => Object.hasOwn(key, name));
  if (!isComplete || Object.keys(key).length !== keys.length) {
    invalid(`The provided starting key is invalid: it must have ${keys}`);
  }
  return [keyText(table, key, true), key];
}

function byRange(range: NonNullable<Key["range"]>, one: Entry, other: Entry): number {
  const [left, right] = [one[1][range], other[1][range]];
  return (left && right && order(left, right)) ?? 0;
}

function byText([one]: Entry, [other]: Entry): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
