import { type DurableContext, withDurableExecution } from "@aws/durable-execution-sdk-js";
import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dynamoDbStore } from "../../lib/dynamodb/index.ts";
import {
  type FunctionOptions,
  type IdempotencyOptions,
  idempotent,
  idempotentFunction,
  task,
  type WithFunctionIdempotency,
  type WithIdempotency,
} from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { openAccounts } from "../invocation/commits/accounts.ts";
import { manualClock } from "../support/clock.ts";
import { ENGINES } from "../support/engines.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Fault, injectFaults } from "../support/faults.ts";
import { clientOf, createTable } from "../support/table.ts";
import { duringWaits, type Lambda, retryOnce, runExecution } from "./run.ts";

interface Order {
  readonly id: string;
  readonly amount?: number;
}
type Context = WithFunctionIdempotency<DurableContext>;
type Work = (order: Order, context: Context) => Promise<unknown>;

const DAY_SECONDS = 24 * 60 * 60;
const ORDER = { id: "order-1", amount: 1 };

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment());
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

// The contract suite of the stores runs its writes on every engine.
describe.each(ENGINES.slice(0, 1))("on %s, a durable execution", (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: name });
  }, 30_000);
  afterAll(() => engine.close());

  /** A table of its own, a clock that stands still, and effects in the order in which they happen. */
  async function open() {
    const client = clientOf(engine);
    let decide: () => Fault = () => "none";
    injectFaults(client, () => decide());
    const tableName = await createTable(clientOf(engine));
    const clock = manualClock();
    const store = dynamoDbStore({ tableName, client });
    const common = {
      ...{ store, clock, singleTenant: true, service: "orders" },
      executionTimeoutSeconds: 40 * DAY_SECONDS,
      observe: () => {},
    };
    const effects: string[] = [];
    return {
      ...{ clock, store, effects },
      /** Disturbs the given call of the store, counted from now. */
      disturb(nth: number, fault: Fault) {
        let sent = 0;
        decide = () => {
          sent += 1;
          return sent === nth ? fault : "none";
        };
      },
      protect: (work: Work, options: Partial<FunctionOptions<Order, DurableContext>> = {}) =>
        withDurableExecution(
          idempotentFunction(work, {
            ...{ ...common, name: "order", key: ({ id }: Order) => id },
            ...options,
          } as FunctionOptions<Order, DurableContext>),
        ),
      protectHttp: (
        work: (event: Event, context: WithIdempotency<DurableContext>) => Promise<HttpResponse>,
      ) =>
        withDurableExecution(idempotent(work, common as IdempotencyOptions<Event, DurableContext>)),
      /** Pays, waits, and ships: two effects in SDK steps, around one wait. */
      work: (async (order, context) => {
        await context.step("pay", async () => void effects.push(`pay ${order.id}`));
        await context.wait({ seconds: 1 });
        await context.step("ship", async () => void effects.push(`ship ${order.id}`));
        return { shipped: order.id };
      }) satisfies Work,
    };
  }

  test("has its effects once over all replays, and a repeat gets its result", async () => {
    const { protect, work, effects } = await open();
    const first = await runExecution(protect(work), ORDER);
    expect(first.execution.getResult()).toEqual({ shipped: "order-1" });
    expect(first.invocations).toBe(2);
    const repeat = await runExecution(protect(work), ORDER);
    expect(repeat.execution.getResult()).toEqual({ shipped: "order-1" });
    expect(repeat.invocations).toBe(1);
    expect(effects).toEqual(["pay order-1", "ship order-1"]);
  });

  test("runs an HTTP handler once, and commits with its business writes", async () => {
    const { protectHttp, effects } = await open();
    const accounts = await openAccounts(clientOf(engine));
    const handler = protectHttp(async (event, context) => {
      await context.step("approve", async () => void effects.push("approve"));
      await context.wait({ seconds: 1 });
      const response = { statusCode: 201, body: `paid ${event.body}` };
      return context.idempotency.commit(accounts.move(10), response);
    });
    const event = httpApiEvent({ key: "k-1", body: "1" });
    for (const _time of [1, 2]) {
      const { execution } = await runExecution<HttpResponse>(handler, event);
      expect(execution.getResult()).toMatchObject({ statusCode: 201, body: "paid 1" });
    }
    expect(effects).toEqual(["approve"]);
    expect(await accounts.balances()).toEqual([90, 110]);
  });

  test("is in flight for a repeat in a wait that is longer than lease and retention", async () => {
    const { protect, work, effects, clock } = await open();
    const repeat = protect(work);
    const seen: unknown[] = [];
    const { execution } = await runExecution(
      protect(work),
      ORDER,
      duringWaits(async () => {
        clock.advance(30 * DAY_SECONDS * 1000);
        const refused = await runExecution(repeat, ORDER);
        seen.push(refused.execution.getError().errorType);
        seen.push(refused.execution.getError().errorMessage);
        const mismatch = await runExecution(repeat, { ...ORDER, amount: 2 });
        seen.push(mismatch.execution.getError().errorMessage);
      }),
    );
    expect(execution.getStatus()).toBe("SUCCEEDED");
    expect(seen).toEqual([
      "IdempotencyRefused",
      expect.stringContaining("is being executed"),
      expect.stringContaining("with another input"),
    ]);
    expect(effects).toEqual(["pay order-1", "ship order-1"]);
  });

  test("tells an HTTP repeat in a wait to come again in a minute, not at the end of the lease", async () => {
    const { protectHttp, clock } = await open();
    const handler = protectHttp(async (_event, context) => {
      await context.wait({ seconds: 1 });
      return { statusCode: 201 };
    });
    const event = httpApiEvent({ key: "k-1" });
    let refused: unknown;
    await runExecution(
      handler,
      event,
      duringWaits(async () => {
        clock.advance(DAY_SECONDS * 1000);
        refused = (await runExecution(handler, event)).execution.getResult();
      }),
    );
    expect(refused).toMatchObject({ statusCode: 409, headers: { "retry-after": "60" } });
  });

  test("that has recorded its response and dies gives it on its replay, and runs nothing", async () => {
    const { protect, effects } = await open();
    const dying: Lambda = async (invoke, { number }) => {
      const response = await invoke();
      // The invocation ends before Lambda hears of it, and comes again.
      return number === 2 ? invoke() : response;
    };
    const handler = protect(async (order, context) => {
      await context.wait({ seconds: 1 });
      effects.push(`effect outside a step for ${order.id}`);
      return "done";
    });
    const { execution } = await runExecution(handler, ORDER, dying);
    expect(execution.getResult()).toBe("done");
    expect(effects).toEqual(["effect outside a step for order-1"]);
  });

  test("keeps its response for its replays, also if the retention is shorter than its waits", async () => {
    const { protect, effects, clock } = await open();
    const contract = task({ retention: { seconds: 3_600, from: "claim" } });
    const late: Lambda = async (invoke, { number }) => {
      const response = await invoke();
      clock.advance(5 * DAY_SECONDS * 1000);
      return number === 2 ? invoke() : response;
    };
    const handler = protect(
      async (_order, context) => {
        await context.wait({ seconds: 1 });
        effects.push("effect");
        return "done";
      },
      { contract },
    );
    const { execution } = await runExecution(handler, ORDER, late);
    expect(execution.getResult()).toBe("done");
    expect(effects).toEqual(["effect"]);
  });

  test.each<[string, number, Fault]>([
    ["its claim does not arrive", 1, "lost-request"],
    ["its second claim does not arrive", 2, "lost-request"],
    ["the reply to its second claim is lost", 2, "lost-answer"],
  ])("goes on in its next invocation if %s", async (_which, nth, fault) => {
    const { protect, work, effects, disturb } = await open();
    const disturbed: Lambda = async (invoke, invocation) => {
      if (invocation.number === 2) disturb(nth, fault);
      return retryOnce(invoke, invocation);
    };
    const { execution } = await runExecution(protect(work), ORDER, disturbed);
    expect(execution.getResult()).toEqual({ shipped: "order-1" });
    expect(effects).toEqual(["pay order-1", "ship order-1"]);
  });

  test.each<Fault>(["lost-request", "lost-answer"])(
    "records its response in its next invocation if the completion meets a %s",
    async (fault) => {
      const { protect, effects, disturb } = await open();
      const handler = protect(async (order, context) => {
        await context.step("pay", async () => void effects.push(`pay ${order.id}`));
        await context.wait({ seconds: 1 });
        return "paid";
      });
      const disturbed: Lambda = async (invoke, invocation) => {
        if (invocation.number === 2) disturb(3, fault);
        return retryOnce(invoke, invocation);
      };
      const { execution } = await runExecution(handler, ORDER, disturbed);
      expect(execution.getResult()).toBe("paid");
      expect(effects).toEqual(["pay order-1"]);
    },
  );

  test.each<Fault>(["lost-request", "lost-answer"])(
    "starts in its next invocation if its first claim meets a %s",
    async (fault) => {
      const { protect, work, effects, disturb } = await open();
      disturb(1, fault);
      const { execution } = await runExecution(protect(work), ORDER, retryOnce);
      expect(execution.getResult()).toEqual({ shipped: "order-1" });
      expect(effects).toEqual(["pay order-1", "ship order-1"]);
    },
  );

  test("commits once in two invocations at once, and the later one wins", async () => {
    const { protect } = await open();
    const accounts = await openAccounts(clientOf(engine));
    const { promise: bothRun, resolve } = Promise.withResolvers<void>();
    const fences: number[] = [];
    const handler = protect(async (_order, context) => {
      await context.wait({ seconds: 1 });
      const { fence = 0, commit } = context.idempotency;
      fences.push(fence);
      if (fences.length === 2) resolve();
      await bothRun;
      return commit(accounts.move(10), { fence });
    });
    const outcomes: string[] = [];
    const twice: Lambda = async (invoke, { number }) => {
      if (number === 1) return invoke();
      const settled = await Promise.allSettled([invoke(), invoke()]);
      for (const one of settled) outcomes.push(`${one.status} ${(one as Failed).reason?.name}`);
      const ended = settled.find((one) => one.status === "fulfilled");
      return ended?.value ?? invoke();
    };
    const { execution } = await runExecution(handler, ORDER, twice);
    expect(execution.getResult()).toEqual({ fence: Math.max(...fences) });
    expect(new Set(fences).size).toBe(2);
    expect(await accounts.balances()).toEqual([90, 110]);
    // The one that was overtaken finds the result, or leaves it to the next invocation.
    expect(outcomes).toContain("fulfilled undefined");
  });

  test("that has failed leaves the key to the next one, and its late replay stays out", async () => {
    const { protect, effects } = await open();
    let isDown = true;
    const handler = protect(async (order, context) => {
      await context.wait({ seconds: 1 });
      if (isDown) throw new Error("the bank is down");
      effects.push(`paid ${order.id}`);
      return "paid";
    });
    let late: (() => Promise<unknown>) | undefined;
    const keeping: Lambda = async (invoke, { number }) => {
      if (number === 2) late = invoke;
      return invoke();
    };
    const failed = await runExecution(handler, ORDER, keeping);
    expect(failed.execution.getError().errorMessage).toBe("the bank is down");
    isDown = false;
    const next = await runExecution(handler, ORDER);
    expect(next.execution.getResult()).toBe("paid");
    expect(await late?.()).toMatchObject({ Status: "SUCCEEDED", Result: '"paid"' });
    expect(effects).toEqual(["paid order-1"]);
  });

  test("is never freed once it was suspended: after a rejection the same input runs again, and no other", async () => {
    const { protect, effects } = await open();
    const handler = protect(async (_order, context) => {
      await context.wait({ seconds: 1 });
      effects.push("decides");
      throw context.idempotency.reject(new Error("refused"));
    });
    for (const order of [ORDER, ORDER]) {
      const { execution } = await runExecution(handler, order);
      expect(execution.getError().errorMessage).toBe("refused");
    }
    expect(effects).toEqual(["decides", "decides"]);
    const other = await runExecution(handler, { ...ORDER, amount: -1 } as typeof ORDER);
    expect(other.execution.getError().errorMessage).toContain("an earlier call used this key");
    expect(effects).toEqual(["decides", "decides"]);
  });
});

type Failed = { readonly reason?: Error };
type Event = ReturnType<typeof httpApiEvent>;
interface HttpResponse {
  statusCode: number;
  body?: string;
}
