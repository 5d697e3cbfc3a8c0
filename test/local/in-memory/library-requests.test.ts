import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as abandoned from "../../../lib/dynamodb/abandoned.ts";
import { claimRequest } from "../../../lib/dynamodb/claim-request.ts";
import * as expressions from "../../../lib/dynamodb/expressions.ts";
import { tableLayout } from "../../../lib/dynamodb/layout.ts";
import { commitRequest } from "../../../lib/dynamodb/transaction.ts";
import type { ClaimRequest, ReplacedRecord } from "../../../lib/protocol/store.ts";
import { inMemoryDynamoDb } from "../../../lib/testing/engine/database.ts";
import { type Engine, type EngineName, startEngine } from "../../../local/engine.ts";
import { PLANTED_FAULTS, plant } from "../../../proof/kit/planted-faults.ts";
import { OTHER_ENGINES } from "../../support/engines.ts";
import { clientOf, createTable, recordsTable } from "../../support/table.ts";

/*
 * Compares the simulator's DynamoDB with other engines: on every kind of record, each request of the
 * library must get the same response and make the same change.
 */

type Item = Record<string, AttributeValue>;
interface Request {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

const NOW_MS = 1_000_000_000;

const ANY_CLAIM: Omit<ClaimRequest, "id"> = {
  owner: "me",
  fingerprint: "f",
  nowMs: NOW_MS,
  leaseUntilMs: NOW_MS + 10_000,
  expiresAtSeconds: NOW_MS / 1_000 + 3_600,
  takeover: "resume",
};

const RECORD: Item = {
  state: { S: "CLAIMED" },
  owner: { S: "me" },
  fence: { N: "7" },
  fingerprint: { S: "f" },
  leaseUntil: { N: String(NOW_MS + 1) },
  endsAt: { N: String(NOW_MS / 1_000 + 1) },
  expiresAt: { N: String(NOW_MS / 1_000 + 3_601) },
  startedAt: { N: "3" },
  claims: { N: "1" },
  version: { N: "2" },
};

const LAPSED = { leaseUntil: { N: String(NOW_MS) } };
const OTHERS = { owner: { S: "somebody else" } };
const ENDED = { endsAt: { N: String(NOW_MS / 1_000) } };

/** As release 0.1 wrote it: the end is the attribute for TTL. */
function old({ endsAt = { N: "1" }, ...item }: Item): Item {
  return { ...item, version: { N: "1" }, expiresAt: endsAt };
}

/** Every kind of record that a request can meet; `undefined` = none. */
const RECORDS: Record<string, Item | undefined> = {
  none: undefined,
  mine: RECORD,
  "mine, lapsed": { ...RECORD, ...LAPSED },
  "another's": { ...RECORD, ...OTHERS },
  "another's, lapsed": { ...RECORD, ...OTHERS, ...LAPSED },
  "another's, lapsed, of another payload": {
    ...{ ...RECORD, ...OTHERS, ...LAPSED },
    fingerprint: { S: "g" },
  },
  "another's, ended": { ...RECORD, ...OTHERS, ...ENDED },
  "another's, ended and lapsed": { ...RECORD, ...OTHERS, ...ENDED, ...LAPSED },
  "another's, begun and lapsed": { ...RECORD, ...OTHERS, ...ENDED, ...LAPSED, begun: { N: "4" } },
  "another's that never ends": without(
    without({ ...RECORD, ...OTHERS, ...LAPSED }, "endsAt"),
    "expiresAt",
  ),
  "another's, of release 0.1, lapsed": old({ ...RECORD, ...OTHERS, ...LAPSED }),
  "another's, of release 0.1, ended and lapsed": old({ ...RECORD, ...OTHERS, ...ENDED, ...LAPSED }),
  "freed by release 0.1": without(
    old({ ...RECORD, ...OTHERS, leaseUntil: { N: "0" }, endsAt: { N: "1" } }),
    "claims",
  ),
  freed: { ...without(RECORD, "leaseUntil"), ...OTHERS, state: { S: "FREED" } },
  "mine, ended": { ...RECORD, ...ENDED },
  "mine, begun": without(without({ ...RECORD, begun: { N: "4" } }, "endsAt"), "expiresAt"),
  "another's response, ended": {
    ...{ ...without(RECORD, "leaseUntil"), ...OTHERS, ...ENDED },
    ...{ state: { S: "COMPLETED" }, response: { S: "r" } },
  },
  "mine after somebody else's": { ...RECORD, claims: { N: "2" } },
  "mine with a step": { ...RECORD, steps: { L: [{ M: { name: { S: "a" } } }] } },
  "mine with an entity and an event": {
    ...RECORD,
    entityId: { S: "e" },
    event: { S: "{}" },
    due: { N: "5" },
    function: { S: "fn" },
  },
  "mine, completed": {
    ...without(RECORD, "leaseUntil"),
    state: { S: "COMPLETED" },
    response: { S: "r" },
  },
  unknown: { ...without(RECORD, "leaseUntil"), ...OTHERS, state: { S: "UNKNOWN" } },
};

const STEP = { name: "b", result: "1" };

/** A write of the business: a counter, under a condition. */
function business(tableName: string, id: string, condition: string) {
  return {
    Update: {
      TableName: tableName,
      Key: { id: accountOf(id) },
      UpdateExpression: "SET balance = if_not_exists(balance, :zero) - :amount",
      ConditionExpression: condition,
      ExpressionAttributeValues: { ":zero": 0, ":amount": 3 },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    },
  };
}

function accountOf(id: string): string {
  return `account ${id}`;
}

/** Every request that the library sends. */
function requestsFor(table: string, id: string): Record<string, Request> {
  const layout = tableLayout("test", table);
  const CLAIM = { ...ANY_CLAIM, id };
  const OWNED = { id, owner: "me", fence: 7 };
  const SEEN = { ...OWNED, attempts: 0, claims: 1 };
  const COMPLETION = { ...OWNED, response: "r", expiresAtSeconds: 2_000_000 };
  const { fingerprint, nowMs } = CLAIM;
  const UNCLAIMED = { id, owner: "me", claim: { fingerprint, nowMs }, expiresAtSeconds: 2_000_000 };
  const seen = (state: ReplacedRecord["state"]) => ({ owner: "somebody else", fence: 7, state });
  const replacing = (state: ReplacedRecord["state"]) => ({
    [`CLAIM in place of a ${state} record`]: claimRequest(layout, {
      ...CLAIM,
      replaces: seen(state),
    }),
    [`FREE in place of a ${state} record`]: expressions.freeRequest(layout, {
      ...UNCLAIMED,
      replaces: seen(state),
    }),
  });
  const updates = {
    CLAIM: claimRequest(layout, CLAIM),
    "CLAIM that never takes over": claimRequest(layout, {
      ...CLAIM,
      takeover: "never",
    }),
    "CLAIM that restarts": claimRequest(layout, { ...CLAIM, takeover: "restart" }),
    ...replacing("CLAIMED"),
    ...replacing("COMPLETED"),
    ...replacing("FREED"),
    "CLAIM of abandoned work": claimRequest(layout, { ...CLAIM, onlyLapsed: true }),
    "CLAIM for ever, with an entity": claimRequest(layout, {
      ...{ ...CLAIM, expiresAtSeconds: undefined, entityId: "new" },
      completer: { name: "fn", interrupted: "resume", abandoned: "complete", event: "{}" },
    }),
    COMPLETE: expressions.completeRequest(layout, COMPLETION),
    "COMPLETE that claims": expressions.completeRequest(layout, { ...UNCLAIMED, response: "r" }),
    MARK: expressions.markRequest(layout, { ...OWNED, nowMs }),
    "the first CHECKPOINT": expressions.checkpointRequest(layout, {
      ...OWNED,
      index: 0,
      step: STEP,
    }),
    "the second CHECKPOINT": expressions.checkpointRequest(layout, {
      ...{ ...OWNED, index: 1 },
      step: STEP,
    }),
    RELEASE: expressions.releaseRequest(layout, OWNED),
    FREE: expressions.freeRequest(layout, { ...OWNED, claims: 1, expiresAtSeconds: 1 }),
    "FREE without a claim": expressions.freeRequest(layout, UNCLAIMED),
    EXTEND: expressions.extendRequest(layout, { ...OWNED, leaseUntilMs: NOW_MS + 5 }),
    UNKNOWN: abandoned.unknownRequest(layout, SEEN, "fn", NOW_MS),
    STUCK: abandoned.stuckRequest(layout, SEEN, "fn", NOW_MS),
    "RELEASE by the completer": abandoned.releaseUnbegunRequest(layout, SEEN, NOW_MS),
    ATTEMPT: abandoned.attemptRequest(layout, SEEN, NOW_MS, NOW_MS + 1),
    POSTPONE: abandoned.postponeRequest(layout, SEEN, NOW_MS + 1),
  };
  const commits = {
    COMMIT: commitRequest(layout, {
      completion: COMPLETION,
      writes: [business(table, id, "attribute_not_exists(closed)")],
      nowMs,
      token: "a token",
    }),
    "COMMIT that the business refuses": commitRequest(layout, {
      completion: COMPLETION,
      writes: [business(table, id, "attribute_exists(opened) AND NOT (balance < :zero)")],
      nowMs,
      token: "a token",
    }),
    "COMMIT of a step": commitRequest(layout, {
      checkpoint: { ...OWNED, index: 1, step: STEP },
      writes: [business(table, id, "attribute_not_exists(closed) OR balance >= :amount")],
      nowMs,
      token: "a token",
    }),
  };
  const all = [
    ...Object.entries(updates).map(([name, input]) => [name, "UpdateItem", input] as const),
    ...Object.entries(commits).map(([name, input]) => [name, "TransactWriteItems", input] as const),
  ];
  return Object.fromEntries(
    all.map(([name, operation, input]) => [name, { operation, input: { ...input } }]),
  );
}

test("the in-memory engine answers, whether another one can start or not", () => {
  expect(
    inMemory("records", "an id", requestsFor("records", "an id").CLAIM as Request, undefined),
  ).toMatchObject({
    answer: {},
    record: { id: { S: "an id" }, state: { S: "CLAIMED" } },
  });
});

(OTHER_ENGINES.length > 0
  ? describe.each(OTHER_ENGINES)
  : // Where no other engine can start there is nothing to compare with; the test file has said so.
    describe.skip.each(["no engine"] as never[]))(
  "the in-memory engine and %s",
  (name: EngineName) => {
    let engine: Engine;
    let client: DynamoDBClient;
    let table: string;

    beforeAll(async () => {
      engine = await startEngine({ engine: name });
      client = clientOf(engine);
      table = await createTable(client);
    }, 30_000);

    afterAll(() => engine.close());

    test.each(Object.keys(requestsFor("a table", "an id")))(
      "answer %s alike",
      async (requestName) => {
        const variants = variantsOf(requestsFor(table, "")[requestName]).length;
        const cases = Object.keys(RECORDS).flatMap((kind) =>
          Array.from({ length: variants }, (_, variant) => ({ kind, variant, id: randomUUID() })),
        );
        await Promise.all(
          cases.map(async ({ kind, variant, id }) => {
            const request = variantsOf(requestsFor(table, id)[requestName])[variant] as Request;
            const record = RECORDS[kind] && { ...RECORDS[kind], id: { S: id } };
            const told = await onEngine(client, table, id, request, record);
            const here = { kind, request, ...inMemory(table, id, request, record) };
            expect(here).toEqual({ kind, request, ...told });
          }),
        );
      },
    );
  },
);

/** The request, and its variants without one of the safeguards. */
function variantsOf(request: Request | undefined): Request[] {
  if (request === undefined) return [];
  const all = [request, ...PLANTED_FAULTS.flatMap((fault) => plant(fault, request))];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** The response to a request, and the items after it. */
interface Told {
  readonly answer: unknown;
  readonly record: Item | undefined;
  readonly account: Item | undefined;
}

function inMemory(
  table: string,
  id: string,
  { operation, input }: Request,
  record: Item | undefined,
): Told {
  const engine = inMemoryDynamoDb(() => NOW_MS);
  engine.carryOut("CreateTable", recordsTable(table));
  if (record !== undefined) {
    const write = { Put: { TableName: table, Item: record } };
    engine.carryOut("TransactWriteItems", { TransactItems: [write] });
  }
  let answer: unknown;
  try {
    answer = answerOf(engine.carryOut(operation, input).output);
  } catch (error) {
    answer = refusalOf(error);
  }
  const items = engine.items(table);
  return { answer, record: items.get(id), account: items.get(accountOf(id)) };
}

async function onEngine(
  client: DynamoDBClient,
  TableName: string,
  id: string,
  { operation, input }: Request,
  record: Item | undefined,
): Promise<Told> {
  if (record !== undefined) await client.send(new PutItemCommand({ TableName, Item: record }));
  let answer: unknown;
  try {
    answer = answerOf(await send(client, operation, input));
  } catch (error) {
    answer = refusalOf(error);
  }
  const [found, account] = await Promise.all(
    [id, accountOf(id)].map((key) =>
      client.send(new GetItemCommand({ TableName, Key: { id: { S: key } }, ConsistentRead: true })),
    ),
  );
  return { answer, record: found?.Item, account: account?.Item };
}

function send(client: DynamoDBClient, operation: string, input: object): Promise<object> {
  if (operation === "UpdateItem") return client.send(new UpdateItemCommand(input as never));
  // With its own token, no engine takes the request for an earlier one.
  const ClientRequestToken = randomUUID();
  const one = { ...input, ClientRequestToken } as never;
  return client.send(new TransactWriteItemsCommand(one));
}

function answerOf(output: object): unknown {
  const { Attributes = {} } = output as { Attributes?: Item };
  // For a new item Dynoxide returns the key, and DynamoDB nothing.
  return Object.keys(Attributes).join() === "id" ? {} : Attributes;
}

function refusalOf(error: unknown): unknown {
  const { name, Item, CancellationReasons } = error as {
    name: string;
    Item?: Item;
    CancellationReasons?: { Code?: string; Item?: Item }[];
  };
  return {
    ...{ name, Item },
    reasons: CancellationReasons?.map(({ Code, Item: item }) => ({ Code, Item: item })),
  };
}

function without(item: Item, name: string): Item {
  const { [name]: _, ...rest } = item;
  return rest;
}
