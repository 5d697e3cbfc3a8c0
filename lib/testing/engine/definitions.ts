import {
  type AttributeDefinition,
  type CreateTableCommandInput,
  type DynamoDBServiceException,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  ResourceInUseException,
} from "@aws-sdk/client-dynamodb";
import { invalid, missingTable } from "./errors.ts";
import { type Index, type Key, keyNames, type Table } from "./table.ts";

export type Tables = Map<string, Table>;

/** @throws ResourceNotFoundException if there is no such table. */
export function tableNamed(tables: Tables, name: string): Table {
  return tables.get(name) ?? missingTable(name);
}

/** @throws ResourceInUseException if there is such a table, ValidationException if it cannot be. */
export function createTable(tables: Tables, definition: CreateTableCommandInput, nowMs: number) {
  const name = checkedName("TableName", definition.TableName);
  if (tables.has(name)) throw inUse(name);
  const { KeySchema, AttributeDefinitions = [] } = definition;
  const key = readKey(KeySchema);
  const indexes = new Map([
    ...(definition.GlobalSecondaryIndexes ?? []).map((one) => readIndex(key, one, true)),
    ...(definition.LocalSecondaryIndexes ?? []).map((one) => readIndex(key, one, false)),
  ]);
  const types = readTypes(AttributeDefinitions, [key, ...indexes.values()]);
  const table: Table = {
    ...{ definition, key, indexes, types },
    createdAtSeconds: nowMs / 1_000,
    items: new Map(),
    previous: new Map(),
    ttlAttribute: undefined,
  };
  tables.set(name, table);
  return { TableDescription: description(table) };
}

export function describeTable(tables: Tables, name: string) {
  return { Table: description(tableNamed(tables, name)) };
}

export function deleteTable(tables: Tables, name: string) {
  const TableDescription = description(tableNamed(tables, name));
  tables.delete(name);
  return { TableDescription: { ...TableDescription, TableStatus: "DELETING" } };
}

interface NamesAsked {
  readonly ExclusiveStartTableName?: string;
  readonly Limit?: number;
}

export function listTables(tables: Tables, { ExclusiveStartTableName, Limit = 100 }: NamesAsked) {
  const all = [...tables.keys()].sort();
  const names = all.filter((name) => name > (ExclusiveStartTableName ?? ""));
  const TableNames = names.slice(0, Limit);
  const last = names.length > Limit ? { LastEvaluatedTableName: TableNames.at(-1) } : {};
  return { TableNames, ...last };
}

interface TtlAsked {
  readonly TableName: string;
  readonly TimeToLiveSpecification: { readonly AttributeName: string; readonly Enabled: boolean };
}

/** Remembers the attribute; nothing is ever deleted by it. */
export function updateTimeToLive(tables: Tables, asked: TtlAsked) {
  const { TableName, TimeToLiveSpecification } = asked;
  const { AttributeName, Enabled } = TimeToLiveSpecification;
  if (typeof AttributeName !== "string" || typeof Enabled !== "boolean") {
    invalid("TimeToLiveSpecification has an AttributeName, and Enabled");
  }
  const table = tableNamed(tables, TableName);
  if ((table.ttlAttribute !== undefined) === Enabled) {
    invalid(`TimeToLive is already ${Enabled ? "enabled" : "disabled"}`);
  }
  table.ttlAttribute = Enabled ? AttributeName : undefined;
  return { TimeToLiveSpecification };
}

export function describeTimeToLive(tables: Tables, name: string) {
  const { ttlAttribute } = tableNamed(tables, name);
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: "DISABLED" }
        : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute },
  };
}

function checkedName(parameter: string, name = ""): string {
  if (/^[\w.-]{3,255}$/.test(name)) return name;
  return invalid(`${parameter} must be 3 to 255 letters, digits, "_", "-" or ".", not "${name}"`);
}

function readKey(schema: readonly KeySchemaElement[] | undefined): Key {
  const named = (type: string) =>
    (schema ?? [])
      .filter(({ KeyType }) => KeyType === type)
      .map(({ AttributeName }) => AttributeName);
  const [[hash, ...hashes], [range, ...ranges]] = [named("HASH"), named("RANGE")];
  const length = range === undefined ? 1 : 2;
  if (hash === undefined || hashes.length + ranges.length > 0 || schema?.length !== length) {
    return invalid("A KeySchema has one HASH attribute, and at most one RANGE attribute");
  }
  return { hash, range };
}

function readIndex(key: Key, asked: GlobalSecondaryIndex, isGlobal: boolean): [string, Index] {
  const {
    IndexName,
    KeySchema,
    Projection: { ProjectionType, NonKeyAttributes = [] } = {},
  } = asked;
  const name = checkedName("IndexName", IndexName);
  const own = readKey(KeySchema);
  const keys = [...keyNames(key), ...keyNames(own)];
  switch (ProjectionType) {
    case "ALL":
      return [name, { ...own, attributes: undefined, isGlobal }];
    case "KEYS_ONLY":
    case "INCLUDE":
      return [name, { ...own, attributes: [...keys, ...NonKeyAttributes], isGlobal }];
    default:
      return invalid(`The index ${IndexName} has no ProjectionType`);
  }
}

/** Each attribute of a key is defined, and no other is. */
function readTypes(definitions: readonly AttributeDefinition[], keys: readonly Key[]) {
  const types = new Map(
    definitions.map(({ AttributeName, AttributeType }) => [
      String(AttributeName),
      String(AttributeType),
    ]),
  );
  const inKeys = new Set(keys.flatMap(keyNames));
  const isComplete = [...inKeys].every((name) => /^[SNB]$/.test(types.get(name) ?? ""));
  if (!isComplete || types.size !== inKeys.size) {
    invalid(
      "AttributeDefinitions must define all attributes of keys, as S, N or B, and no others: " +
        `the keys have ${[...inKeys]}, defined are ${[...types.keys()]}`,
    );
  }
  return types;
}

function description({ definition, createdAtSeconds, items }: Table) {
  const { TableName, KeySchema, AttributeDefinitions, BillingMode } = definition;
  const indexes = (all: readonly GlobalSecondaryIndex[] | undefined) =>
    all?.map((one) => ({ ...one, IndexStatus: "ACTIVE" }));
  return {
    ...{ TableName, KeySchema, AttributeDefinitions },
    TableStatus: "ACTIVE",
    TableArn: `arn:aws:dynamodb:local:000000000000:table/${TableName}`,
    CreationDateTime: createdAtSeconds,
    ItemCount: items.size,
    ...(BillingMode && { BillingModeSummary: { BillingMode } }),
    GlobalSecondaryIndexes: indexes(definition.GlobalSecondaryIndexes),
    LocalSecondaryIndexes: indexes(definition.LocalSecondaryIndexes),
  };
}

function inUse(name: string): DynamoDBServiceException {
  const message = `Table already exists: ${name}`;
  return new ResourceInUseException({ message, $metadata: {} });
}
