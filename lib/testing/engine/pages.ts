import { readCondition } from "./condition.ts";
import { invalid } from "./errors.ts";
import { keyPredicate, readKeyCondition } from "./key-condition.ts";
import type { Bound } from "./operand.ts";
import { checkPlaceholders } from "./placeholders.ts";
import { readProjection } from "./projection.ts";
import { itemBytes } from "./size.ts";
import { type Index, type Key, keyNames, keyText, type Table } from "./table.ts";
import { checkedItem, type Item, order, projected } from "./value.ts";

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
  const reading = prepare(table, asked, [condition]);
  const { view, bound, entries } = reading;
  const holds = keyPredicate(condition.meaning, view, table.types, bound);
  const found = entries.filter(([, item]) => holds(item));
  const { range } = view;
  const forward: Compare = (one, other) =>
    (range === undefined ? 0 : byRange(range, one, other)) || byText(one, other);
  const backward: Compare = (one, other) => forward(other, one);
  return page(reading, found, asked.ScanIndexForward === false ? backward : forward);
}

/** All items, in no order that means anything. */
export function scan(table: Table, asked: PageRequest): Page {
  const reading = prepare(table, asked, []);
  return page(reading, reading.entries, byText);
}

/** An item, behind the text of its key. */
type Entry = readonly [text: string, item: Item];
type Compare = (one: Entry, other: Entry) => number;

/** A valid request, and the items that are in its table or index. */
interface Reading {
  readonly asked: PageRequest;
  readonly bound: Bound;
  readonly view: Index;
  /** The names of all attributes in the keys of the table and the index. */
  readonly keys: readonly string[];
  readonly entries: readonly Entry[];
  readonly start: Entry | undefined;
  readonly passes: (item: Item) => boolean;
  /** The names of the attributes that are asked for; `undefined` = all. */
  readonly names: readonly string[] | undefined;
}

function prepare(
  table: Table,
  asked: PageRequest,
  conditions: Parameters<typeof checkPlaceholders>[1],
): Reading {
  const { FilterExpression, ProjectionExpression, ExpressionAttributeValues: values } = asked;
  const filter = FilterExpression === undefined ? undefined : readCondition(FilterExpression);
  const projection =
    ProjectionExpression === undefined ? undefined : readProjection(ProjectionExpression);
  checkPlaceholders(asked, [...conditions, filter, projection]);
  const bound = { ...asked, ...(values && { ExpressionAttributeValues: checkedItem(values) }) };
  const view = viewOf(table, asked);
  const keys = [...new Set([...keyNames(table.key), ...keyNames(view)])];
  return {
    ...{ asked, bound, view, keys },
    entries: [...table.items].filter(([, item]) => keys.every((name) => Object.hasOwn(item, name))),
    start: startOf(table, keys, asked.ExclusiveStartKey),
    passes: (item) => filter?.meaning(item, bound) !== false,
    names: projection?.meaning.map((name) => name(bound)),
  };
}

function page(reading: Reading, found: readonly Entry[], compare: Compare): Page {
  const { asked, view, keys, start, passes, names } = reading;
  const following = found
    .filter((entry) => start === undefined || compare(entry, start) > 0)
    .sort(compare);
  const read = upTo(following, asked.Limit);
  // A page that is full ends before it is known whether another follows.
  const isFull = read.length < following.length || read.length === asked.Limit;
  const last = isFull ? read.at(-1) : undefined;
  const items = read
    .map(([, item]) => (view.attributes ? projected(item, view.attributes) : item))
    .filter(passes);
  const shown = names ? items.map((item) => projected(item, names)) : items;
  return {
    ...(asked.Select !== "COUNT" && { Items: shown }),
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
