import type { ProgramName } from "../../../local/engine.ts";

/** A request, and the engine that answers it otherwise than DynamoDB does by its documentation. */
export interface Step {
  readonly operation: string;
  readonly input: unknown;
  readonly unlike?: ProgramName;
}

type Value = Readonly<Record<string, unknown>>;

const N = (number: number | string) => ({ N: String(number) });
const S = (text: string) => ({ S: text });
const KEY = { pk: S("a"), sk: N(1) };
const OTHER_KEY = { pk: S("none"), sk: N(0) };
const LARGE = S("x".repeat(410_000));

/** The table of each script: a key of a text and a number, and an index of keys only. */
export const tableNamed = (TableName: string) => ({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "N" },
    { AttributeName: "grp", AttributeType: "S" },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-group",
      KeySchema: [
        { AttributeName: "grp", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
});

/** Requests by their subject, in the order in which they are sent to one table. */
export function scriptsOn(TableName: string): Readonly<Record<string, readonly Step[]>> {
  const step = (operation: string, input: object, unlike?: ProgramName): Step => ({
    ...{ operation, input: { TableName, ...input } },
    ...(unlike && { unlike }),
  });
  const put = (attributes: Value, more: object = {}) =>
    step("PutItem", { Item: { ...KEY, ...attributes }, ...more });
  const get = (more: object = {}) => step("GetItem", { Key: KEY, ConsistentRead: true, ...more });
  const update = (
    UpdateExpression: string,
    values?: Value,
    more: object = {},
    unlike?: ProgramName,
  ) =>
    step(
      "UpdateItem",
      {
        ...{ Key: KEY, UpdateExpression, ReturnValues: "ALL_NEW", ...more },
        ...(values && { ExpressionAttributeValues: values }),
      },
      unlike,
    );
  const condition = (ConditionExpression: string, values?: Value, unlike?: ProgramName) =>
    step(
      "UpdateItem",
      {
        ...{ Key: KEY, ConditionExpression },
        ...(values && { ExpressionAttributeValues: values }),
      },
      unlike,
    );
  const query = (
    KeyConditionExpression: string,
    values: Value,
    more: object = {},
    unlike?: ProgramName,
  ) =>
    step("Query", { KeyConditionExpression, ExpressionAttributeValues: values, ...more }, unlike);
  const transact = (TransactItems: readonly object[], more: object = {}, unlike?: ProgramName) => ({
    ...{ operation: "TransactWriteItems", input: { TransactItems, ...more } },
    ...(unlike && { unlike }),
  });
  const batch = (requests: readonly object[]) => ({
    operation: "BatchWriteItem",
    input: { RequestItems: { [TableName]: requests } },
  });
  const increment = (amount: number) => ({
    Update: {
      ...{ TableName, Key: KEY, UpdateExpression: "ADD cnt :v" },
      ExpressionAttributeValues: { ":v": N(amount) },
    },
  });
  const numbered = (sk: number) => ({
    PutRequest: { Item: { pk: S("q"), sk: N(sk), grp: S(sk % 2 ? "odd" : "even"), v: N(sk) } },
  });

  return {
    values: [
      put({
        ...{
          n: N("1.50"),
          s: S("é"),
          l: { L: [N("1")] },
          m: { M: { x: S("1") } },
          t: { BOOL: true },
        },
        ...{ ss: { SS: ["a", "b"] }, ns: { NS: ["1", "2.0"] }, bs: { BS: ["AA==", "AQ=="] } },
        ...{ b: { B: "AAE=" }, nothing: { NULL: true }, empty: S(""), none: { L: [] } },
      }),
      get(),
      ...["-1E-5", "9e125", "1e-130", "00.10", "12345678901234567890123456789012345678"].flatMap(
        (number) => [put({ n: N(number) }), get()],
      ),
      update("SET n = n + :v", { ":v": N(1) }),
      update("SET n = n + :v", { ":v": N("0.1") }),
      ...["123456789012345678901234567890123456789", "1e126", "1e-131", "abc", ""].map((number) =>
        put({ n: N(number) }),
      ),
      ...[{ S: "a", N: "1" }, {}, { SS: [] }, { SS: ["a", "a"] }, { NULL: false }].map((value) =>
        put({ value }),
      ),
      put({ large: LARGE }),
      put({ grp: N(1) }),
      put({ grp: S("") }),
      get(),
    ],
    keys: [
      step("PutItem", { Item: { pk: S("a") } }),
      step("PutItem", { Item: { pk: S(""), sk: N(1) } }),
      step("PutItem", { Item: { pk: N(1), sk: N(1) } }),
      step("GetItem", { Key: { pk: S("a") } }),
      step("GetItem", { Key: { ...KEY, more: S("a") } }),
      step("GetItem", { Key: KEY, TableName: "nothing" }),
      put({ v: S("by the key's value") }),
      step("GetItem", { Key: { pk: S("a"), sk: N("1.0") } }),
    ],
    conditions: [
      put({
        ...{ a: S("abc"), n: N(5), st: { SS: ["q"] }, l: { L: [N(1)] }, grp: S("g") },
        m: { M: { b: S("1"), a: N(1) } },
      }),
      condition("begins_with(a, :v)", { ":v": S("ab") }),
      condition("begins_with(a, :v)", { ":v": S("b") }),
      condition("begins_with(n, :v)", { ":v": S("b") }),
      condition("begins_with(n, :v)", { ":v": N(1) }),
      condition("contains(a, :v)", { ":v": S("bc") }),
      condition("contains(st, :v)", { ":v": S("q") }),
      condition("contains(st, :v)", { ":v": N(1) }),
      condition("contains(l, :v)", { ":v": N("1.0") }),
      condition("contains(n, :v)", { ":v": N(1) }),
      condition("contains(nothing, :v)", { ":v": N(1) }),
      condition("attribute_type(a, :v)", { ":v": S("S") }),
      condition("attribute_type(a, :v)", { ":v": S("N") }),
      condition("attribute_type(a, :v)", { ":v": S("Q") }, "dynoxide"),
      condition("m = :v", { ":v": { M: { a: N("1.0"), b: S("1") } } }),
      condition("m = :v", { ":v": { M: { a: N(1), c: S("1") } } }),
      condition("l = :v", { ":v": { L: [N(1), N(1)] } }),
      condition("st = :v", { ":v": { SS: ["q"] } }),
      condition("n IN (:v, :w)", { ":v": N(1), ":w": N(5) }),
      condition("n IN (:v)", { ":v": N(1) }),
      condition("n BETWEEN :v AND :w", { ":v": N(5), ":w": N("5.0") }),
      condition("n BETWEEN :v AND :w", { ":v": N(9), ":w": N(1) }),
      condition("n < :v", { ":v": { BOOL: true } }, "dynoxide"),
      condition("n < :v", { ":v": S("z") }),
      condition("a < :v", { ":v": S("b") }),
      condition("a >= :v", { ":v": S("b") }),
      condition("size(a) = :v AND size(st) = :w", { ":v": N(3), ":w": N(1) }),
      condition("size(m) = :v", { ":v": N(2) }),
      condition("size(n) = :v", { ":v": N(1) }),
      condition("size(nothing) > :v", { ":v": N(0) }),
      condition("n <> :v", { ":v": S("5") }),
      condition("nothing <> :v", { ":v": S("5") }),
      condition("NOT n = :v AND (a = :w OR n = :v)", { ":v": N(4), ":w": S("abc") }),
      condition("n = ", { ":v": N(1) }),
      condition("(n = :v", { ":v": N(1) }),
      condition("n == :v", { ":v": N(1) }),
      condition("n = :v", {}),
      condition("n = :v", { ":v": N(5), ":w": N(1) }, "dynoxide"),
      condition("status = :v", { ":v": N(5) }),
      condition("attribute_exists(constructor)"),
      condition("attribute_exists(toString)"),
      condition("attribute_exists(:v)", { ":v": S("a") }),
      get(),
    ],
    updates: [
      put({ n: N(1), a: S("x"), l: { L: [S("a")] } }),
      update("SET sk = :v", { ":v": N(3) }),
      update("SET a = :v, a = :v", { ":v": N(3) }),
      update("SET a = nothing"),
      update(""),
      update("SET a = :v + :w", { ":v": S("1"), ":w": N(1) }),
      update("SET a = :v REMOVE b SET c = :v", { ":v": S("1") }),
      update("SET a = size(l)"),
      update("REMOVE b SET c = :v", { ":v": S("1") }),
      update("SET b = a, a = :v", { ":v": S("y") }),
      update("SET n = n - :v", { ":v": N("0.1") }),
      update("SET n = n + :v", { ":v": N("0.2") }),
      update("ADD cnt :v", { ":v": N(2) }),
      update("ADD cnt :v", { ":v": N(2) }),
      update("ADD cnt :v", { ":v": S("2") }),
      update("ADD st :v", { ":v": { SS: ["x"] } }),
      update("DELETE st :v", { ":v": { SS: ["x", "y"] } }),
      update("DELETE cnt :v", { ":v": { SS: ["2"] } }),
      update("SET lst = list_append(if_not_exists(lst, :e), l)", { ":e": { L: [] } }),
      update("SET large = :v", { ":v": LARGE }),
      update("SET #p = :v", { ":v": S("x") }, { ExpressionAttributeNames: { "#p": "__proto__" } }),
      update("REMOVE #p", undefined, { ExpressionAttributeNames: { "#p": "__proto__" } }),
      get(),
      // DynamoDB Local lets a write into the table that its index cannot hold.
      update("SET grp = :v", { ":v": N(1) }, {}, "dynamodb-local"),
    ],
    "returned attributes": [
      put({ a: S("1") }, { ReturnValues: "ALL_OLD" }),
      put({ a: S("2") }, { ReturnValues: "ALL_OLD" }),
      update("SET b = :v", { ":v": S("1") }, { ReturnValues: "UPDATED_OLD" }),
      update("SET a = :v, c = :v", { ":v": S("3") }, { ReturnValues: "UPDATED_OLD" }),
      update("SET a = :v REMOVE c", { ":v": S("4") }, { ReturnValues: "UPDATED_NEW" }),
      update("SET a = :v", { ":v": S("5") }, { ReturnValues: "ALL_OLD" }),
      update("SET a = :v", { ":v": S("5") }, { ReturnValues: "NONE" }),
      update("SET a = :v", { ":v": S("5") }, { ReturnValues: "SOME" }),
      get({ ProjectionExpression: "a, nothing" }),
      get({ ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "a" } }),
      step("DeleteItem", {
        ...{ Key: KEY, ConditionExpression: "attribute_not_exists(pk)" },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
      step("DeleteItem", { Key: KEY, ReturnValues: "ALL_OLD" }),
      step("DeleteItem", { Key: KEY, ReturnValues: "ALL_OLD" }),
      step("DeleteItem", { Key: KEY, ConditionExpression: "attribute_exists(pk)" }),
      step("UpdateItem", { Key: KEY }),
      get(),
    ],
    pages: [
      batch(Array.from({ length: 12 }, (_, index) => numbered(index))),
      query("pk = :p", { ":p": S("q") }, { Limit: 5 }),
      query("pk = :p", { ":p": S("q") }, { Limit: 5, ExclusiveStartKey: { pk: S("q"), sk: N(4) } }),
      query("pk = :p", { ":p": S("q") }, { Limit: 12 }),
      query("pk = :p", { ":p": S("q") }, { ExclusiveStartKey: { pk: S("q"), sk: N("4.5") } }),
      query("pk = :p", { ":p": S("q") }, { Limit: 3, ScanIndexForward: false }),
      query("pk = :p AND sk BETWEEN :a AND :b", { ":p": S("q"), ":a": N(2), ":b": N(3) }),
      query(
        "sk > :a AND (pk = :p)",
        { ":p": S("q"), ":a": N(2), ":f": N(9) },
        { FilterExpression: "v > :f", ProjectionExpression: "v" },
      ),
      query("pk = :p", { ":p": S("q") }, { Select: "COUNT" }),
      query("pk = :p AND v = :v", { ":p": S("q"), ":v": N(2) }),
      query("pk > :p", { ":p": S("q") }),
      query("pk = :p OR pk = :p", { ":p": S("q") }),
      query("pk = :p", { ":p": N(1) }, {}, "dynoxide"),
      query("grp = :g", { ":g": S("odd") }, { IndexName: "by-group", Limit: 4 }),
      query(
        "grp = :g AND sk <= :m",
        { ":g": S("odd"), ":m": N(9) },
        {
          IndexName: "by-group",
          ExclusiveStartKey: { pk: S("q"), sk: N(3), grp: S("odd") },
        },
      ),
      query("grp = :g", { ":g": S("odd") }, { IndexName: "by-group", ConsistentRead: true }),
      query("grp = :g", { ":g": S("odd") }, { IndexName: "no-index" }),
      query("pk = :p", { ":p": S("q") }, { ExclusiveStartKey: { pk: S("q") } }),
      query("pk = :p", { ":p": S("q") }, { Limit: 0 }),
      step("Scan", { Select: "COUNT" }),
      step("Scan", { FilterExpression: "v = :v", ExpressionAttributeValues: { ":v": N(7) } }),
    ],
    transactions: [
      put({ cnt: N(1), a: S("text") }),
      transact([
        {
          Put: {
            ...{ TableName, Item: KEY, ConditionExpression: "attribute_not_exists(pk)" },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        { Delete: { TableName, Key: OTHER_KEY } },
        {
          ConditionCheck: {
            ...{ TableName, Key: { ...KEY, sk: N(2) } },
            ConditionExpression: "attribute_exists(pk)",
          },
        },
      ]),
      transact([{ Put: { TableName, Item: KEY } }, { Delete: { TableName, Key: KEY } }]),
      transact([]),
      transact([{}]),
      transact([{ Put: { TableName: "nothing", Item: KEY } }]),
      transact([{ ConditionCheck: { TableName, Key: KEY } }]),
      // DynamoDB Local takes these for invalid requests, and DynamoDB cancels the transaction.
      transact(
        [
          {
            Update: {
              ...{ TableName, Key: KEY, UpdateExpression: "SET a = nothing + :v" },
              ExpressionAttributeValues: { ":v": N(1) },
            },
          },
          { Put: { TableName, Item: OTHER_KEY } },
        ],
        {},
        "dynamodb-local",
      ),
      transact(
        [
          {
            Update: {
              ...{ TableName, Key: KEY, UpdateExpression: "SET a = :v" },
              ExpressionAttributeValues: { ":v": LARGE },
            },
          },
        ],
        {},
        "dynamodb-local",
      ),
      transact([{ Put: { TableName, Item: { ...KEY, grp: N(1) } } }]),
      transact([increment(1)], { ClientRequestToken: `${TableName}-1` }),
      transact([increment(1)], { ClientRequestToken: `${TableName}-1` }),
      transact([increment(2)], { ClientRequestToken: `${TableName}-1` }),
      transact([increment(1)], { ClientRequestToken: "x".repeat(37) }),
      get(),
      {
        operation: "TransactGetItems",
        input: {
          TransactItems: [{ Get: { TableName, Key: KEY } }, { Get: { TableName, Key: OTHER_KEY } }],
        },
      },
    ],
    batches: [
      batch([numbered(1), { DeleteRequest: { Key: KEY } }]),
      batch([{ PutRequest: { Item: KEY } }, { DeleteRequest: { Key: KEY } }]),
      batch(Array.from({ length: 26 }, (_, index) => numbered(index))),
      { operation: "BatchWriteItem", input: { RequestItems: {} } },
      ...[[{ pk: S("q"), sk: N(1) }, OTHER_KEY], [KEY, KEY], []].map((Keys) => ({
        operation: "BatchGetItem",
        input: { RequestItems: { [TableName]: { Keys } } },
      })),
    ],
    definitions: [
      step("CreateTable", tableNamed(TableName)),
      step("CreateTable", {
        ...tableNamed(`${TableName}-2`),
        AttributeDefinitions: tableNamed("").AttributeDefinitions.slice(0, 2),
      }),
      step("CreateTable", {
        ...tableNamed(`${TableName}-2`),
        AttributeDefinitions: [
          ...tableNamed("").AttributeDefinitions,
          { AttributeName: "unused", AttributeType: "S" },
        ],
      }),
      step("DescribeTimeToLive", {}),
      step("UpdateTimeToLive", {
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      }),
      step("DescribeTimeToLive", {}),
      step("UpdateTimeToLive", {
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: false },
      }),
      step("DescribeTimeToLive", { TableName: "nothing" }),
      step("DescribeTable", { TableName: "nothing" }),
      step("PutItem", {}),
      { operation: "PutItem", input: { Item: KEY } },
      step("DeleteTable", { TableName: "nothing" }),
      step("DeleteTable", {}),
      get(),
    ],
  };
}
