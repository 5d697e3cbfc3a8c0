import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber, compareNumbers } from "./decimal.ts";
import { invalid } from "./errors.ts";

/** The attributes of an item by their names. */
export type Item = Readonly<Record<string, AttributeValue>>;

export type Type = "S" | "N" | "B" | "BOOL" | "NULL" | "L" | "M" | "SS" | "NS" | "BS";

/** The type of a value that has been checked. */
export function typeOf(value: AttributeValue): Type {
  return Object.keys(value)[0] as Type;
}

/** The attribute of this name; `undefined` if the item has none. */
export function attributeIn(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** The attributes of these names that an item has. */
export function projected(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = attributeIn(item, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * The attributes as DynamoDB keeps them: each of one type, numbers in their canonical text.
 *
 * @throws ValidationException for a value that DynamoDB does not take.
 */
export function checkedItem(item: Item): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, checkedValue(value)]),
  );
}

function checkedValue(value: unknown): AttributeValue {
  const [[type, content] = [], ...others] = Object.entries(value ?? {});
  if (type === undefined || others.length > 0) {
    return invalid(
      "Supplied AttributeValue must contain exactly one of the supported datatypes, " +
        `not ${JSON.stringify(value)}`,
    );
  }
  const checked = CHECKS[type as Type]?.(content);
  return checked ?? invalid(`Supplied AttributeValue has no ${type} in it`);
}

/** By type: the content as it is kept; `undefined` if it is not of the type. */
const CHECKS: Readonly<Record<Type, (content: unknown) => AttributeValue | undefined>> = {
  S: (content) => (typeof content === "string" ? { S: content } : undefined),
  N: (content) => (typeof content === "string" ? { N: canonicalNumber(content) } : undefined),
  B: (content) => (content instanceof Uint8Array ? { B: content } : undefined),
  BOOL: (content) => (typeof content === "boolean" ? { BOOL: content } : undefined),
  NULL: (content) => (content === true ? { NULL: true } : undefined),
  L: (content) => (Array.isArray(content) ? { L: content.map(checkedValue) } : undefined),
  M: (content) => (isObject(content) ? { M: checkedItem(content as Item) as never } : undefined),
  SS: (content) => (isListOf(content, isText) ? { SS: members(content) } : undefined),
  NS: (content) =>
    isListOf(content, isText) ? { NS: members(content.map(canonicalNumber)) } : undefined,
  BS: (content) =>
    isListOf(content, isBinary) ? { BS: members(content, (one) => hex(one)) } : undefined,
};

function isObject(content: unknown): content is object {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

function isText(content: unknown): content is string {
  return typeof content === "string";
}

function isBinary(content: unknown): content is Uint8Array {
  return content instanceof Uint8Array;
}

function isListOf<One>(
  content: unknown,
  isOne: (one: unknown) => one is One,
): content is readonly One[] {
  return Array.isArray(content) && content.every(isOne);
}

function members<One>(set: readonly One[], text: (one: One) => string = String): One[] {
  if (set.length === 0)
    invalid("One or more parameter values were invalid: a set may not be empty");
  if (new Set(set.map(text)).size < set.length) {
    invalid("One or more parameter values were invalid: a set contains duplicates");
  }
  return [...set];
}

/** Whether two values are of one type and the same; of sets and maps the order does not matter. */
export function isEqual(left: AttributeValue, right: AttributeValue): boolean {
  if (typeOf(left) !== typeOf(right)) return false;
  if (left.M !== undefined && right.M !== undefined) return isEqualMap(left.M, right.M);
  if (left.L !== undefined && right.L !== undefined) {
    const others = right.L;
    return (
      left.L.length === others.length &&
      left.L.every((one, index) => isEqual(one, others[index] as AttributeValue))
    );
  }
  const [texts, others] = [memberTexts(left), memberTexts(right)];
  if (texts !== undefined && others !== undefined) {
    return texts.size === others.size && [...texts].every((text) => others.has(text));
  }
  if (left.BOOL !== undefined) return left.BOOL === right.BOOL;
  return left.NULL !== undefined || order(left, right) === 0;
}

function isEqualMap(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const other = attributeIn(right, name);
      return other !== undefined && isEqual(left[name] as AttributeValue, other);
    })
  );
}

/** The members of a set as texts; `undefined` if the value is no set. */
export function memberTexts(value: AttributeValue): ReadonlySet<string> | undefined {
  const texts = value.SS ?? value.NS ?? value.BS?.map(hex);
  return texts && new Set(texts);
}

/**
 * Below 0 if the left value comes first, above 0 if it comes last. Only two numbers, two texts or
 * two binary values have an order; other pairs have none.
 */
export function order(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.N !== undefined && right.N !== undefined) return compareNumbers(left.N, right.N);
  // DynamoDB compares the bytes of UTF-8: the order of UTF-16 differs where surrogates are.
  if (left.S !== undefined && right.S !== undefined) {
    return left.S === right.S ? 0 : Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  }
  if (left.B !== undefined && right.B !== undefined) return Buffer.compare(left.B, right.B);
  return undefined;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
