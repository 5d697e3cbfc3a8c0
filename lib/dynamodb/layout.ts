import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { aText, check, optional, type Requirement } from "../checks/requirements.ts";
import { ConfigurationError } from "../errors.ts";

/** The attributes of a record beside its key, under the library's own names. */
export const RECORD_ATTRIBUTES = [
  "owner",
  "state",
  "fingerprint",
  "scheme",
  "origin",
  "leaseUntil",
  "version",
  "fence",
  "startedAt",
  "claims",
  "response",
  "endsAt",
  "expiresAt",
  "entityId",
  "steps",
  "begun",
  "function",
  "due",
  "event",
  "attempts",
  "interrupted",
  "abandoned",
  "refused",
] as const;

/** An attribute of a record, by the library's own name. */
export type RecordAttribute = (typeof RECORD_ATTRIBUTES)[number];

/** The key of the table, if it is not `id` alone. */
export interface KeyAttributes {
  /** Name of the partition key, a string: it holds the id of the record. */
  readonly partitionKey: string;
  /** The sort key, a string, if the table has one: every record has the same value there. */
  readonly sortKey?: { readonly name: string; readonly value: string };
  /**
   * A prefix of the record's id, so that records do not meet other items of the table.
   * @default ""
   */
  readonly prefix?: string;
}

/** The layout of records in a table that was not made for them alone. */
export interface LayoutOptions {
  /**
   * The key of the table.
   * @default { partitionKey: "id" }
   * @example { partitionKey: "pk", sortKey: { name: "sk", value: "IDEMPOTENCY" }, prefix: "IDEMPOTENCY#" }
   */
  readonly keyAttributes?: KeyAttributes;
  /**
   * Other names for the attributes of a record. TTL belongs on the attribute for `expiresAt`.
   * @default the library's own name for each
   * @example { expiresAt: "ttl", state: "status" }
   */
  readonly attributes?: { readonly [Attribute in RecordAttribute]?: string };
}

/** The table of the records, and their layout in it. */
export interface TableLayout {
  readonly tableName: string;
  readonly partitionKey: string;
  readonly sortKey: { readonly name: string; readonly value: string } | undefined;
  readonly prefix: string;
  /** The name in the table of each attribute, `id` included. */
  readonly names: ReadonlyMap<string, string>;
  /** Whether no attribute is renamed, so that items are read as they are. */
  readonly isPlain: boolean;
}

type Item = Record<string, AttributeValue>;

/**
 * Checks the layout of records, when the function starts.
 *
 * @param where the owner of the options, for messages.
 * @throws ConfigurationError if a name is empty, too long, unknown, or given twice.
 */
export function tableLayout(
  where: string,
  tableName: string,
  { keyAttributes = { partitionKey: "id" }, attributes = {} }: LayoutOptions = {},
): TableLayout {
  check<KeyAttributes>(`${where}: keyAttributes`, keyAttributes, {
    partitionKey: anAttributeName,
    prefix: optional(aKeyPart),
    sortKey: optional([(value) => typeof value === "object" && value !== null, "an object"]),
  });
  const { partitionKey, sortKey, prefix = "" } = keyAttributes;
  if (sortKey !== undefined) {
    check(`${where}: keyAttributes.sortKey`, sortKey, { name: anAttributeName, value: aKeyPart });
  }
  const known = RECORD_ATTRIBUTES.map((name) => [name, optional(anAttributeName)] as const);
  check(`${where}: attributes`, attributes, Object.fromEntries(known));
  const names = new Map<string, string>([["id", partitionKey]]);
  for (const name of RECORD_ATTRIBUTES) names.set(name, attributes[name] ?? name);
  refuseSharedNames(where, names, sortKey?.name);
  const isPlain =
    sortKey === undefined && prefix === "" && [...names].every(([name, own]) => name === own);
  return { tableName, partitionKey, sortKey, prefix, names, isPlain };
}

/** DynamoDB's limit for the name of a key, which is shorter than that of other attributes. */
const LONGEST_NAME_BYTES = 255;
/** Room for this prefix and an id: a sort key holds 1024 bytes, a partition key 2048. */
const LONGEST_KEY_PART_BYTES = 1_024;

const anAttributeName = upTo(LONGEST_NAME_BYTES, "the name of an attribute");
const aKeyPart = upTo(LONGEST_KEY_PART_BYTES, "a text");

function upTo(mostBytes: number, name: string): Requirement {
  return [
    (value) => aText[0](value) && Buffer.byteLength(value as string) <= mostBytes,
    `${name} that is not empty, of at most ${mostBytes} bytes`,
  ];
}

/** Two attributes under one name would overwrite each other. */
function refuseSharedNames(
  where: string,
  names: ReadonlyMap<string, string>,
  sortKey?: string,
): void {
  const taken = new Map<string, string>();
  const all: [string, string][] = [...names];
  if (sortKey !== undefined) all.push(["the sort key", sortKey]);
  for (const [attribute, name] of all) {
    const other = taken.get(name);
    if (other !== undefined) {
      throw new ConfigurationError(
        `${where}: the name "${name}" is given to both ${describeAttribute(other)} and ${describeAttribute(attribute)}; expected a name of its own for each attribute.`,
      );
    }
    taken.set(name, attribute);
  }
}

function describeAttribute(attribute: string): string {
  if (attribute === "id") return "the partition key";
  return attribute === "the sort key" ? attribute : `the attribute ${attribute}`;
}

/** The key of a record in its table. */
export function recordKey({ partitionKey, sortKey, prefix }: TableLayout, id: string): Item {
  return {
    [partitionKey]: { S: `${prefix}${id}` },
    ...(sortKey && { [sortKey.name]: { S: sortKey.value } }),
  };
}

/** The item of a record under the library's own names of its attributes. */
export function canonicalItem(layout: TableLayout, item: Item): Item {
  if (layout.isPlain) return item;
  const { prefix, names } = layout;
  const canonical: Item = {};
  for (const [attribute, name] of names) {
    const value = item[name];
    if (value !== undefined) canonical[attribute] = value;
  }
  const key = canonical.id?.S;
  // A key without the prefix is not this layer's, and is shown as it is.
  if (key?.startsWith(prefix)) canonical.id = { S: key.slice(prefix.length) };
  return canonical;
}

/** The key that the table must have, for messages. */
export function expectedKey({ partitionKey, sortKey }: TableLayout): string {
  const sort = sortKey === undefined ? "and no sort key" : `and the sort key "${sortKey.name}"`;
  return `the partition key "${partitionKey}" ${sort}, all of them strings`;
}
