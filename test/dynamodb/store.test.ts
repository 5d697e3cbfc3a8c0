import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { boundedClient, dynamoDbStore } from "../../lib/dynamodb/index.ts";
import { CommitRefused, RecordError, type Store, StoreError } from "../../lib/index.ts";
import type { CallOptions, ClaimRequest, CommitRequest } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";

/* The store's reading of a client's replies and failures; other tests run on real engines. */

const CLAIM: ClaimRequest = {
  ...{ id: "id-1", owner: "owner-1", fingerprint: "f" },
  ...{ nowMs: START_MS, leaseUntilMs: START_MS + 10_000, expiresAtSeconds: undefined },
  takeover: "restart",
};
const COMMIT: CommitRequest = {
  checkpoint: { id: "id-1", owner: "owner-1", fence: 1, index: 0, step: { name: "a" } },
  writes: [],
  nowMs: START_MS,
  token: "t",
};
const FOREIGN = { id: { S: "id-1" } };

type Send = (command: unknown, bounds: { abortSignal?: AbortSignal }) => Promise<unknown>;

function storeOver(send: Send): Required<Store> {
  const client = Object.assign(boundedClient({ region: "eu-central-1" }), { send });
  return dynamoDbStore({ tableName: "records", client: client as never }) as Required<Store>;
}

const failing = (error: object) => storeOver(() => Promise.reject(error));
const named = (name: string, more: object = {}) =>
  Object.assign(new Error("because"), { name }, more);

/** Calls of each kind, for tests of all of them. */
const CALLS: [string, (store: Required<Store>, options?: CallOptions) => Promise<unknown>][] = [
  ["a claim", (store, options) => store.claim(CLAIM, options)],
  ["a release", (store, options) => store.release({ id: "i", owner: "o", fence: 1 }, options)],
  ["a read", (store, options) => store.read("id-1", options)],
  ["a commit", (store, options) => store.commit(COMMIT, options)],
];

describe.each(CALLS)("%s", (_name, call) => {
  test("that fails says which table did not answer, and why", async () => {
    const cause = named("TimeoutError");
    const error = (await call(failing(cause)).catch((thrown) => thrown)) as Error;
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toBe('DynamoDB table "records" did not answer: TimeoutError: because');
    expect(error.cause).toBe(cause);
  });

  describe("in time", () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    const hanging: Send = (_command, { abortSignal }) =>
      new Promise((_resolve, reject) => {
        abortSignal?.addEventListener("abort", () => reject(named("AbortError")));
      });

    /** Never answers, and does not listen to the signal either. */
    const deaf: Send = () => new Promise(() => {});

    test.each<[string, Send]>([
      ["a client that stops when it is told", hanging],
      ["a client that does not listen", deaf],
    ])("ends with %s", async (_name, send) => {
      for (const [timeoutMs, expectedMs] of [
        [1_234.9, 1_234],
        [0.5, 1],
        [-3, 1],
        [10_999, 10_999],
        [60_000, 11_000],
        [undefined, 11_000],
      ] as const) {
        let error: Error | undefined;
        const options = timeoutMs === undefined ? {} : { timeoutMs };
        const ended = call(storeOver(send), options).catch((thrown) => {
          error = thrown;
        });
        await jest.advanceTimersByTimeAsync(expectedMs - 1);
        expect(error).toBeUndefined();
        await jest.advanceTimersByTimeAsync(1);
        expect(error).toMatchObject({ name: "IdempotencyStoreError", failure: "unanswered" });
        await ended;
      }
    });

    test("ends after half a minute, if the bounds of the client are unknown", async () => {
      let error: Error | undefined;
      const store = dynamoDbStore({ tableName: "records", client: { send: deaf } as never });
      const ended = call(store as Required<Store>).catch((thrown) => {
        error = thrown;
      });
      await jest.advanceTimersByTimeAsync(29_999);
      expect(error).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      expect(error?.message).toBe(
        'DynamoDB table "records" did not answer: TimeoutError: no complete response arrived within 30000 ms',
      );
      await ended;
    });

    test("leaves no timer behind", async () => {
      await call(
        storeOver(async () => ({})),
        { timeoutMs: 5_000 },
      );
      await call(failing(named("TimeoutError")), { timeoutMs: 5_000 }).catch(() => {});
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});

test("a condition that fails is a value, with the record if there is one", async () => {
  const refused = failing(named("ConditionalCheckFailedException"));
  expect(await refused.claim(CLAIM)).toEqual({ applied: false, record: undefined });
  const inTheWay = failing(named("ConditionalCheckFailedException", { Item: FOREIGN }));
  await expect(inTheWay.claim(CLAIM)).rejects.toThrow(RecordError);
});

test("an unreadable record is an error, and not a missing record", async () => {
  const store = storeOver(async () => ({ Item: FOREIGN }));
  await expect(store.read("id-1")).rejects.toThrow(RecordError);
  expect(await storeOver(async () => ({})).read("id-1")).toBeUndefined();
});

describe("a commit that is cancelled", () => {
  const cancelled = (...CancellationReasons: object[]) =>
    failing(named("TransactionCanceledException", { CancellationReasons })).commit(COMMIT);
  const FAILED = { Code: "ConditionalCheckFailed" };

  test("by the record is refused, with the record if there is one", async () => {
    expect(await cancelled(FAILED)).toEqual({ applied: false, record: undefined });
    await expect(cancelled({ ...FAILED, Item: FOREIGN })).rejects.toThrow(RecordError);
  });

  test("by the business is CommitRefused, with the item as plain data if there is one", async () => {
    const balance = { balanceMinor: { N: "5" } };
    const refused = cancelled({ Code: "None" }, { Code: "None" }, { ...FAILED, Item: balance });
    await expect(refused).rejects.toEqual(new CommitRefused(1, { balanceMinor: 5 }));
    await expect(refused).rejects.toMatchObject({ index: 1, item: { balanceMinor: 5 } });
    await expect(cancelled({ Code: "None" }, FAILED)).rejects.toMatchObject({
      index: 0,
      item: undefined,
    });
  });

  test("because it can never be applied says why", async () => {
    const error = await failing(named("ValidationException"))
      .commit(COMMIT)
      .catch((thrown) => thrown);
    expect(error.name).toBe("IdempotencyCommitError");
    expect(error.message).toBe("commit: ValidationException: because");
    expect(error.cause).toMatchObject({ name: "ValidationException" });
  });
});

test("a transaction that is sent again is the same, although its values have changed meanwhile", async () => {
  const sent: unknown[] = [];
  const store = storeOver(async (command) => {
    sent.push(structuredClone((command as { input: unknown }).input));
    throw named("TransactionConflictException");
  });
  const Item = { id: "a", amountMinor: 5 };
  const commit = { ...COMMIT, writes: [{ Put: { TableName: "ledger", Item } }] };
  expect(await store.commit(commit)).toEqual({ applied: false, mayBeApplied: false });
  Item.amountMinor = 7;
  await store.commit(commit);
  expect(sent[1]).toEqual(sent[0]);
});

test("requests of different kinds are not taken for one, although they are one object", async () => {
  const sent: string[] = [];
  const store = storeOver(async (command) => {
    sent.push((command as { input: { UpdateExpression: string } }).input.UpdateExpression);
    return {};
  });
  const request = { ...CLAIM, fence: 1, response: "{}", index: 0, step: { name: "a" } };
  await store.complete(request);
  await store.checkpoint(request);
  await store.claim(request);
  expect(sent.map((text) => text.slice(0, 20))).toEqual([
    "SET #state = :comple",
    "SET #steps = :step R",
    "SET #state = :claime",
  ]);
});

test("a store without a table name is refused when it is made", () => {
  expect(() => dynamoDbStore({ tableName: undefined as never })).toThrow(/tableName is undefined/);
  expect(() => dynamoDbStore({ tabelName: "t" } as never)).toThrow(/Did you mean "tableName"/);
});
