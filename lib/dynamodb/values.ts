import {
  convertToAttr,
  type marshallOptions as MarshallOptions,
  marshall,
  NumberValueImpl,
  unmarshall,
} from "@aws-sdk/util-dynamodb";
import { CommitError } from "../errors.ts";
import { facts } from "./failure.ts";
import type { Item } from "./item.ts";

/** How plain values become attribute values: the `marshallOptions` of a `DynamoDBDocumentClient`. */
export type ValueOptions = Readonly<MarshallOptions>;

/** The names of the options, as the SDK's errors mention them. */
export const VALUE_OPTIONS = [
  "removeUndefinedValues",
  "convertClassInstanceToMap",
  "convertEmptyValues",
  "allowImpreciseNumbers",
] as const satisfies readonly (keyof ValueOptions)[];

/**
 * Plain JavaScript values become attribute values, as in `@aws-sdk/lib-dynamodb`.
 *
 * @param where the write and its part, for messages: `write 0, Put.Item`.
 * @throws CommitError which names the member in the way and the option that helps.
 */
export function marshallValues(
  values: Readonly<Record<string, unknown>>,
  where: string,
  options: ValueOptions,
): Item {
  try {
    return marshall(values, { ...options, convertTopLevelContainer: false }) as Item;
  } catch (cause) {
    const { path, reason } = findUnfit(values, options) ?? { path: "", reason: cause };
    const message = String(facts(reason).message);
    const member = path === "" ? "" : ` The member is ${path.replace(/^\./, "")}.`;
    const text = message.endsWith(".") ? message : `${message}.`;
    throw new CommitError(`commit: ${where}: ${text}${member}${advice(text)}`, cause);
  }
}

/** `marshall` speaks of its own options, which are options of the store here. */
function advice(message: string): string {
  const named = VALUE_OPTIONS.find((option) => message.includes(option));
  const option =
    named ?? (/MAX_SAFE_INTEGER|MIN_SAFE_INTEGER/.test(message) && "allowImpreciseNumbers");
  if (!option) return "";
  return ` Set the option on the store: dynamoDbStore({ marshallOptions: { ${option}: true } }).`;
}

/** A value that broke marshalling may break this search as well: a getter that throws, a proxy. */
function findUnfit(values: unknown, options: ValueOptions): Unfit | undefined {
  try {
    return firstUnfit(values, options);
  } catch {
    return undefined;
  }
}

/** DynamoDB nests no deeper, so neither does the search. */
const DEEPEST_NESTING = 33;

interface Unfit {
  /** `.amount.currency`, `[2]`: as in a program. */
  readonly path: string;
  readonly reason: unknown;
}

/** The first member that has no attribute value; `undefined` if no single member is to blame. */
function firstUnfit(value: unknown, options: ValueOptions, depth = 0): Unfit | undefined {
  const members = depth < DEEPEST_NESTING ? membersIn(value, options) : undefined;
  if (members === undefined) return findReason(value, options);
  for (const [path, member] of members) {
    if (typeof member === "function") continue;
    if (member === undefined && options.removeUndefinedValues) continue;
    const unfit = firstUnfit(member, options, depth + 1);
    if (unfit !== undefined) return { ...unfit, path: `${path}${unfit.path}` };
  }
  return undefined;
}

function findReason(value: unknown, options: ValueOptions): Unfit | undefined {
  try {
    convertToAttr(value as Parameters<typeof convertToAttr>[0], options);
    return undefined;
  } catch (reason) {
    return { path: "", reason };
  }
}

/** The members of a list or a map; `undefined` for anything else. */
function membersIn(
  value: unknown,
  { convertClassInstanceToMap }: ValueOptions,
): [path: string, member: unknown][] | undefined {
  if (Array.isArray(value)) return value.map((member, index) => [`[${index}]`, member]);
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Map) return [...value].map(([name, member]) => [`.${name}`, member]);
  const isPlain = value.constructor === undefined || value.constructor?.name === "Object";
  const isOther =
    ArrayBuffer.isView(value) || value instanceof Set || value instanceof NumberValueImpl;
  if (!isPlain && (isOther || !convertClassInstanceToMap)) return undefined;
  return Object.entries(value).map(([name, member]) => [`.${name}`, member]);
}

/**
 * An item as plain values, for the handler that judges it. Numbers that JavaScript cannot hold come
 * as the SDK's `NumberValue`, which keeps every digit. Nothing here throws: the error that carries
 * the item says more than an error about the item.
 *
 * @returns `undefined` if the item has no plain form.
 */
export function plainItem(item: Item): Readonly<Record<string, unknown>> | undefined {
  try {
    return unmarshall(item, { wrapNumbers: plainNumber });
  } catch {
    return undefined;
  }
}

function plainNumber(text: string): number | NumberValueImpl {
  const value = Number(text);
  const fits =
    Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
    significantDigits(text) === significantDigits(`${value}`);
  return fits ? value : NumberValueImpl.from(text);
}

/**
 * The digits of a number and the power of ten behind them: `0.050`, `5e-2` and `.05` are one
 * number.
 */
function significantDigits(text: string): string {
  const [mantissa = "", power = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  let digits = whole + fraction;
  let exponent = Number(power) - fraction.length;
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  exponent += digits.length - end;
  let start = 0;
  while (start < end && digits[start] === "0") start += 1;
  digits = digits.slice(start, end);
  return digits === "" ? "0" : `${mantissa.startsWith("-") ? "-" : ""}${digits}e${exponent}`;
}
