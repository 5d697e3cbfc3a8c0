import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  type BatchOptions,
  type FunctionOptions,
  idempotentBatch,
  isCommitRefused,
  isIdempotencyRefused,
  queue,
} from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { failedIn, message, type TestMessage } from "../batch/events.ts";
import { manualClock } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { type Fault, injectFaults } from "../support/faults.ts";
import type { TestContext } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";
import { functionOf, type Order } from "./call.ts";

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };

describe.each(ENGINES)("on %s", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 60_000);
  afterAll(() => engine.close());

  /** A ledger with one account of 100, and a store whose requests meet faults on their way. */
  async function openLedger(
    decide: (command: string, attempt: number) => Fault | Promise<Fault> = () => "none",
  ) {
    const client = clientOf(engine);
    const ledger = await createTable(client);
    await client.send(
      new PutItemCommand({
        TableName: ledger,
        Item: { id: { S: "account" }, balance: { N: "100" } },
      }),
    );
    const faulty = clientOf(engine, 3);
    const { sent } = injectFaults(faulty, decide);
    const tableName = await createTable(client);
    return {
      sent,
      store: dynamoDbStore({ client: faulty, tableName }),
      debit: (amount: unknown) => ({
        Update: {
          TableName: ledger,
          Key: { id: "account" },
          UpdateExpression: "SET balance = balance - :amount",
          ConditionExpression: "balance >= :amount",
          ExpressionAttributeValues: { ":amount": amount },
        },
      }),
      async balance() {
        const Key = { id: { S: "account" } };
        const { Item } = await client.send(new GetItemCommand({ TableName: ledger, Key }));
        return Number(Item?.balance?.N);
      },
    };
  }

  type Ledger = Awaited<ReturnType<typeof openLedger>>;

  /** A function that debits the amount of its order in a commit. */
  function debitOnce(
    { store, debit }: Ledger,
    options: Partial<FunctionOptions<Order, TestContext>> = {},
  ) {
    return functionOf(
      ({ order, context }) =>
        context.idempotency.commit([debit(order.amount)], { debited: order.amount }),
      { store, ...options } as never,
    );
  }

  describe.each(["start", "commit"] as const)("with claimAt %s, a function's commit", (claimAt) => {
    test("is made once, with its record", async () => {
      const ledger = await openLedger();
      const { call } = debitOnce(ledger, { claimAt });
      const order = { id: "a", amount: 60 };
      expect(await call(order)).toEqual({ debited: 60 });
      expect(await call(order)).toEqual({ debited: 60 });
      expect(await ledger.balance()).toBe(40);
    });

    test("is one for calls at once", async () => {
      const ledger = await openLedger();
      const { call } = debitOnce(ledger, { claimAt });
      const order = { id: "a", amount: 10 };
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => call(order)));
      for (const result of results) {
        if (result.status === "fulfilled") expect(result.value).toEqual({ debited: 10 });
        else expect(result.reason).toMatchObject({ name: "IdempotencyRefused", retryable: true });
      }
      expect(await call(order)).toEqual({ debited: 10 });
      expect(await ledger.balance()).toBe(90);
    });

    test("that the business refuses is an error to catch, and another result is recorded", async () => {
      const ledger = await openLedger();
      const { call } = functionOf(
        async ({ order, context }) => {
          try {
            return await context.idempotency.commit([ledger.debit(order.amount)], "debited");
          } catch (error) {
            if (!isCommitRefused(error)) throw error;
            return "insufficient";
          }
        },
        { store: ledger.store, claimAt },
      );
      const order = { id: "a", amount: 600 };
      expect(await call(order)).toBe("insufficient");
      expect(await call({ ...order, amount: 600 })).toBe("insufficient");
      await expect(call({ ...order, amount: 1 })).rejects.toMatchObject({
        code: "payload_mismatch",
      });
      expect(await ledger.balance()).toBe(100);
    });

    test("whose answer is lost is known to be made", async () => {
      const ledger = await openLedger((command, attempt) =>
        command === "TransactWriteItems" && attempt === 1 ? "lost-answer" : "none",
      );
      const { call } = debitOnce(ledger, { claimAt });
      expect(await call({ id: "a", amount: 60 })).toEqual({ debited: 60 });
      expect(await ledger.balance()).toBe(40);
    });

    test("that is repeated in a function which swallows its refusal does not hide the first result", async () => {
      const ledger = await openLedger();
      const first = debitOnce(ledger, { claimAt });
      let isFirst = true;
      const { call } = functionOf(
        async ({ order, context }) => {
          if (isFirst && claimAt === "commit") {
            isFirst = false;
            await first.call(order);
          }
          return context.idempotency
            .commit([ledger.debit(order.amount)], { debited: order.amount })
            .catch((error) => (isIdempotencyRefused(error) ? "swallowed" : Promise.reject(error)));
        },
        { store: ledger.store, claimAt },
      );
      expect(await call({ id: "a", amount: 60 })).toEqual({ debited: 60 });
      expect(await ledger.balance()).toBe(40);
    });
  });

  test("with claimAt commit a first call costs one round trip", async () => {
    const ledger = await openLedger();
    const { call } = debitOnce(ledger, { claimAt: "commit" });
    await call({ id: "a", amount: 60 });
    expect(ledger.sent).toEqual(["TransactWriteItems"]);
  });

  test("a commit of a result that has no JSON text is refused before anything is written", async () => {
    const ledger = await openLedger();
    const { call } = functionOf(
      ({ context }) => context.idempotency.commit([ledger.debit(60)], 1n),
      { store: ledger.store, claimAt: "commit" },
    );
    await expect(call({ id: "a" })).rejects.toThrow(
      /the response cannot be stored: it has no JSON/,
    );
    expect(await ledger.balance()).toBe(100);
  });

  test("a batch books each message once, over redeliveries, duplicates and a throttled table", async () => {
    const ledger = await openLedger((command, attempt) =>
      command === "TransactWriteItems" && attempt % 5 === 2 ? "throttled" : "none",
    );
    const handler = idempotentBatch<TestMessage, typeof CONTEXT>(
      async ({ body }, { idempotency }) => {
        await idempotency.commit([ledger.debit(JSON.parse(body).amount)], undefined);
      },
      {
        ...{ store: ledger.store, name: "debit", singleTenant: true, claimAt: "commit" },
        ...{ clock: manualClock(), observe: () => {}, contract: queue() },
        key: ({ body }) => JSON.parse(body).id,
      } as BatchOptions<TestMessage, typeof CONTEXT>,
    );
    const orders = ["a", "b", "c", "d"].map((id) => message({ id, amount: 10 }));
    const twice = [...orders, ...["a", "b"].map((id) => message({ id, amount: 10 }))];
    let left: TestMessage[] = twice;
    for (let deliveries = 0; left.length > 0 && deliveries < 5; deliveries += 1) {
      const failed = failedIn(await handler({ Records: left }, CONTEXT));
      left = left.filter(({ messageId }) => failed.includes(messageId));
    }
    expect(left).toEqual([]);
    expect(failedIn(await handler({ Records: twice }, CONTEXT))).toEqual([]);
    expect(await ledger.balance()).toBe(60);
  });
});
