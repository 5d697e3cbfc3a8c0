import { describe, expect, test } from "@jest/globals";
import { unknownRequest } from "../../lib/dynamodb/abandoned.ts";
import { claimRequest } from "../../lib/dynamodb/claim-request.ts";
import { readRequest } from "../../lib/dynamodb/expressions.ts";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  canonicalItem,
  type LayoutOptions,
  RECORD_ATTRIBUTES,
  recordKey,
  tableLayout,
} from "../../lib/dynamodb/layout.ts";
import { commitRequest } from "../../lib/dynamodb/transaction.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import { RECORDS, SHARED_TABLE } from "../support/table.ts";

const SHARED = tableLayout("test", "shared", SHARED_TABLE);
const CLAIM: ClaimRequest = {
  ...{ id: "id-1", owner: "me", fingerprint: "f", takeover: "restart" },
  ...{ nowMs: 1, leaseUntilMs: 2, expiresAtSeconds: 3, entityId: "e" },
  completer: { name: "pay", interrupted: "resume", abandoned: "complete", event: "{}" },
};

describe("without options", () => {
  test("the key is the id, and every attribute has its own name", () => {
    expect(recordKey(RECORDS, "id-1")).toEqual({ id: { S: "id-1" } });
    expect([...RECORDS.names].every(([attribute, name]) => attribute === name)).toBe(true);
    const item = { id: { S: "id-1" } };
    expect(canonicalItem(RECORDS, item)).toBe(item);
  });
});

describe("on a table of another layout", () => {
  test("a record has the prefix before its id, and the fixed value of the sort key", () => {
    const key = { pk: { S: "IDEMPOTENCY#id-1" }, sk: { S: "IDEMPOTENCY" } };
    expect(recordKey(SHARED, "id-1")).toEqual(key);
    expect(readRequest(SHARED, "id-1")).toMatchObject({ TableName: "shared", Key: key });
    expect(claimRequest(SHARED, CLAIM).Key).toEqual(key);
  });

  test("no attribute of a record is written or asked for under its own name", () => {
    const { ExpressionAttributeNames, ...rest } = claimRequest(SHARED, CLAIM);
    const names = Object.entries(ExpressionAttributeNames ?? {});
    expect(names).toContainEqual(["#id", "pk"]);
    expect(names).toContainEqual(["#expiresAt", "ttl"]);
    for (const [alias, name] of names) {
      if (alias === "#id" || alias === "#expiresAt") continue;
      expect(name).toBe(`${alias.slice(1)}-of-record`);
    }
    // Everything else is the request as it always is.
    const { ExpressionAttributeNames: _, ...plain } = claimRequest(RECORDS, CLAIM);
    expect({ ...rest, TableName: "records", Key: plain.Key }).toEqual(plain);
  });

  test("an item is read under the names of the library, without the prefix, and nothing else of it", () => {
    const item = {
      pk: { S: "IDEMPOTENCY#id-1" },
      sk: { S: "IDEMPOTENCY" },
      ttl: { N: "7" },
      "state-of-record": { S: "CLAIMED" },
      state: { S: "another application's" },
    };
    expect(canonicalItem(SHARED, item)).toEqual({
      id: { S: "id-1" },
      expiresAt: { N: "7" },
      state: { S: "CLAIMED" },
    });
    expect(canonicalItem(SHARED, { pk: { S: "ORDER#1" } })).toEqual({ id: { S: "ORDER#1" } });
  });

  test("a completer's write names the attributes of the table", () => {
    const claim = { id: "i", owner: "o", fence: 1 };
    const { ExpressionAttributeNames } = unknownRequest(SHARED, claim, "pay", 1);
    expect(ExpressionAttributeNames).toMatchObject({ "#due": "due-of-record" });
  });

  test.each<[string, object]>([
    ["in whichever order its key comes", { sk: "IDEMPOTENCY", pk: "IDEMPOTENCY#id-1" }],
    ["as well", { pk: "IDEMPOTENCY#id-1", sk: "IDEMPOTENCY" }],
  ])("a commit that writes the record is refused %s", (_name, Key) => {
    const checkpoint = { id: "id-1", owner: "me", fence: 1, index: 0, step: { name: "a" } };
    const commit = (write: object) =>
      commitRequest(SHARED, { checkpoint, nowMs: 1, token: "t", writes: [write as never] });
    const message = "write 0 is to the same item as the record";
    expect(() => commit({ Delete: { TableName: "shared", Key } })).toThrow(message);
    expect(() => commit({ Put: { TableName: "shared", Item: { ...Key, n: 1 } } })).toThrow(message);
    const other = { ...Key, sk: "ORDER" };
    expect(() => commit({ Put: { TableName: "shared", Item: other } })).not.toThrow();
  });
});

describe("a layout that cannot work is refused when the store is made:", () => {
  const store = (options: unknown) =>
    dynamoDbStore({ tableName: "shared", ...(options as LayoutOptions) });

  test.each<[string, unknown, string]>([
    [
      "an empty name",
      { keyAttributes: { partitionKey: "" } },
      "dynamoDbStore: keyAttributes: partitionKey is ''; expected the name of an attribute that is not empty",
    ],
    ["no name", { keyAttributes: {} }, "partitionKey is undefined"],
    [
      "a name that is too long",
      { keyAttributes: { partitionKey: "x".repeat(256) } },
      "of at most 255 bytes",
    ],
    [
      "no object",
      { keyAttributes: "pk" },
      "keyAttributes: expected an object with options, got 'pk'",
    ],
    [
      "a sort key without its value",
      { keyAttributes: { partitionKey: "pk", sortKey: { name: "sk" } } },
      "dynamoDbStore: keyAttributes.sortKey: value is undefined; expected a text",
    ],
    [
      "a sort key that is a name",
      { keyAttributes: { partitionKey: "pk", sortKey: "sk" } },
      "sortKey is 'sk'; expected an object",
    ],
    ["a misspelt member", { keyAttributes: { partitonKey: "pk" } }, 'Did you mean "partitionKey"'],
    ["an empty prefix", { keyAttributes: { partitionKey: "pk", prefix: "" } }, "prefix is ''"],
    [
      "a prefix that leaves no room",
      { keyAttributes: { partitionKey: "pk", prefix: "x".repeat(1_025) } },
      "of at most 1024 bytes",
    ],
    ["an unknown attribute", { attributes: { expiry: "ttl" } }, 'there is no option "expiry"'],
    ["an empty attribute", { attributes: { owner: "" } }, "attributes: owner is ''"],
    [
      "two attributes of one name",
      { attributes: { owner: "status", state: "status" } },
      'the name "status" is given to both the attribute owner and the attribute state',
    ],
    [
      "an attribute with the name of another one",
      { attributes: { expiresAt: "due" } },
      'the name "due" is given to both the attribute expiresAt and the attribute due',
    ],
    [
      "an attribute with the name of the partition key",
      { attributes: { state: "id" } },
      'the name "id" is given to both the partition key and the attribute state',
    ],
    [
      "a partition key with the name of an attribute",
      { keyAttributes: { partitionKey: "owner" } },
      'the name "owner" is given to both the partition key and the attribute owner',
    ],
    [
      "a sort key with the name of the partition key",
      { keyAttributes: { partitionKey: "pk", sortKey: { name: "pk", value: "v" } } },
      'the name "pk" is given to both the partition key and the sort key',
    ],
  ])("%s", (_name, options, message) => {
    expect(() => store(options)).toThrow(message);
    expect(() => store(options)).toThrow(
      expect.objectContaining({ name: "IdempotencyConfigurationError" }),
    );
  });

  test("but attributes may trade their names", () => {
    expect(() => store({ attributes: { owner: "state", state: "owner" } })).not.toThrow();
    expect(() => store({ keyAttributes: undefined, attributes: undefined })).not.toThrow();
  });
});

test("every attribute that a request names can be given another name, and every such name is used", () => {
  const replaces = { owner: "other", fence: 1, state: "CLAIMED" } as const;
  const claims = [CLAIM, { ...CLAIM, replaces }];
  const names = claims.flatMap((claim) =>
    Object.keys(claimRequest(RECORDS, claim).ExpressionAttributeNames ?? {}),
  );
  const known = ["id", ...RECORD_ATTRIBUTES].map((name) => `#${name}`);
  expect([...new Set(names)].toSorted()).toEqual(known.toSorted());
});
