import {
  type DurableContext,
  type DurableLogger,
  withDurableExecution,
} from "@aws/durable-execution-sdk-js";
import { LocalDurableTestRunner } from "@aws/durable-execution-sdk-js-testing";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { executionModeDurableContext } from "@middy/core/executionModeDurableContext";
import {
  type FunctionOptions,
  idempotent,
  idempotentBatch,
  idempotentFunction,
  memoryStore,
  stripe,
  type WithFunctionIdempotency,
  type WithIdempotency,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { httpApiEvent } from "../support/events.ts";
import { duringWaits, runExecution } from "./run.ts";

type Context = WithFunctionIdempotency<DurableContext>;
type Event = ReturnType<typeof httpApiEvent>;

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment());
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

const SHARED = { singleTenant: true, service: "orders", executionTimeoutSeconds: 60 } as const;
const named = (options: object = {}) =>
  ({
    ...{ ...SHARED, store: memoryStore(), name: "order" },
    key: (order: { id: string }) => order.id,
    ...options,
  }) as FunctionOptions<{ id: string }, DurableContext>;

describe("a handler in a durable execution", () => {
  test("finds the operations of its context beside context.idempotency", async () => {
    const lines: string[] = [];
    const logger = { info: (line: string) => lines.push(line) } as unknown as DurableLogger;
    for (const method of ["warn", "error", "debug"] as const) logger[method] = () => {};
    const seen: unknown[] = [];
    const handler = withDurableExecution(
      idempotentFunction(async (_order, context: Context) => {
        context.configureLogger({ customLogger: logger, modeAware: false });
        context.logger.info("by the new logger");
        const inChild = await context.runInChildContext("child", async (child) =>
          child.step("in child", async () => "child"),
        );
        const mapped = await context.map("map", [1, 2], async (item, value) =>
          item.step(async () => value * 2),
        );
        const both = await context.parallel("both", [
          async (branch) => branch.step(async () => "left"),
          async (branch) => branch.step(async () => "right"),
        ]);
        await context.wait({ seconds: 1 });
        const all = await context.promise.all([context.step("last", async () => "last")]);
        seen.push(String(context), typeof context.idempotency.downstreamKey("bank"));
        return [inChild, mapped.getResults(), both.getResults(), all];
      }, named()),
    );
    const { execution, invocations } = await runExecution(handler, { id: "1" });
    expect(execution.getResult()).toEqual(["child", [2, 4], ["left", "right"], ["last"]]);
    expect(invocations).toBe(2);
    expect(seen).toEqual(["[object DurableContext]", "string"]);
    expect(lines).toEqual(["by the new logger", "by the new logger"]);
  });

  test("derives the same downstream key on every replay", async () => {
    const keys: string[] = [];
    const handler = withDurableExecution(
      idempotentFunction(async (_order, context: Context) => {
        keys.push(context.idempotency.downstreamKey("execution"));
        await context.wait({ seconds: 1 });
      }, named()),
    );
    await runExecution(handler, { id: "1" });
    expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/), keys[0]]);
  });

  test("keeps two calls under one key apart that run side by side", async () => {
    const runs: string[] = [];
    const settle = idempotentFunction(
      async ({ id }: { id: string }, context: Context) => {
        runs.push(id);
        await context.step("settle", async () => {});
        return id;
      },
      named({ name: "settle" }),
    );
    const handler = withDurableExecution(async (order: { id: string }, context) => {
      const { all } = await context
        .parallel("both", [
          async (branch) => settle(order, branch as never),
          async (branch) => settle(order, branch as never).catch((error) => error.code),
        ])
        .then((both) => ({ all: both.all }));
      return all.map(({ result, error }) => result ?? error?.message);
    });
    const { execution } = await runExecution<string[]>(handler, { id: "1" });
    expect(runs).toEqual(["1"]);
    expect(execution.getResult()).toContain("1");
  });

  test("goes on although the rules of validate were tightened while it waited", async () => {
    let isValid = true;
    const handler = withDurableExecution(
      idempotent(
        async (_event: Event, context: WithIdempotency<DurableContext>) => {
          await context.wait({ seconds: 1 });
          return { statusCode: 201 };
        },
        {
          ...{ ...SHARED, store: memoryStore() },
          validate: () => (isValid ? undefined : { statusCode: 422 }),
        },
      ),
    );
    const event = httpApiEvent({ key: "k" });
    const tighten = async () => {
      isValid = false;
    };
    const { execution } = await runExecution(handler, event, duringWaits(tighten));
    expect(execution.getResult()).toMatchObject({ statusCode: 201 });
  });

  test("runs once in Middy's form for durable executions", async () => {
    let runs = 0;
    const handler = middy(
      idempotent(
        async (_event: Event, context: WithIdempotency<DurableContext>) => {
          await context.wait({ seconds: 1 });
          runs += 1;
          return { statusCode: 201 };
        },
        { ...SHARED, store: memoryStore() },
      ) as never,
      // The timer of an invocation that waits would keep the test process for a quarter of an hour.
      { executionMode: executionModeDurableContext, timeoutEarlyInMillis: 0 } as never,
    );
    for (const _time of [1, 2]) {
      const { execution } = await runExecution(handler as never, httpApiEvent({ key: "k" }));
      expect(execution.getResult()).toMatchObject({ statusCode: 201 });
    }
    expect(runs).toBe(1);
  });
});

describe("an error at the first call, before anything runs, is the end", () => {
  const order = { id: "1" };
  const event = httpApiEvent({ key: "k" });
  const neverRun = async () => {
    throw new Error("the handler ran");
  };
  const options = { ...SHARED, store: memoryStore() };
  const committing = { ...memoryStore(), commit: async () => ({ applied: true }) as const };
  const withoutArn = (run: (input: never, context: never) => unknown) =>
    (async (input: never, context: DurableContext) =>
      run(input, {
        ...{ lambdaContext: context.lambdaContext, step: context.step, wait: context.wait },
      } as never)) as never;

  test.each<[string, unknown, unknown, string]>([
    [
      "of a function without executionTimeoutSeconds",
      idempotentFunction(neverRun, named({ executionTimeoutSeconds: undefined })),
      order,
      "executionTimeoutSeconds is missing",
    ],
    [
      "of an HTTP handler without executionTimeoutSeconds",
      idempotent(neverRun, { store: memoryStore(), singleTenant: true }),
      event,
      "executionTimeoutSeconds is missing",
    ],
    [
      'with claimAt "commit"',
      idempotentFunction(neverRun, named({ claimAt: "commit", store: committing })),
      order,
      'claimAt is "commit"',
    ],
    [
      "of a context without the execution's ARN",
      withoutArn(idempotentFunction(neverRun, named()) as never),
      order,
      "no executionContext.durableExecutionArn",
    ],
    [
      "of a request without a key",
      idempotent(neverRun, { ...options, profile: stripe() }),
      httpApiEvent(),
      "a request without a key",
    ],
    [
      "of a batch",
      idempotentBatch(neverRun, named() as never),
      { Records: [] },
      "idempotentBatch: it runs in a durable execution",
    ],
    [
      "of Middy's middleware",
      middy()
        .use(idempotency(options))
        .handler(neverRun as never),
      event,
      "Wrap the handler: middy(idempotent(handler, options)",
    ],
  ])("%s", async (_which, protectedHandler, input, message) => {
    const { execution } = await runExecution(
      withDurableExecution(protectedHandler as never),
      input,
    );
    const { errorType, errorMessage } = execution.getError();
    expect(errorMessage).toContain(message);
    expect(errorType).toBe("IdempotencyConfigurationError");
  });
});

test.each([0, 1.5, 31_622_401, "60"])("executionTimeoutSeconds: %p is refused", (seconds) => {
  const protect = () =>
    idempotentFunction(async () => {}, named({ executionTimeoutSeconds: seconds }));
  expect(protect).toThrow("whole seconds from 1 to 31622400");
});

test("executionTimeoutSeconds changes nothing outside a durable execution", async () => {
  const store = memoryStore();
  let id = "";
  const noting = {
    ...store,
    claim: (...given: Parameters<typeof store.claim>) => {
      id = given[0].id;
      return store.claim(...given);
    },
  };
  const call = idempotentFunction(
    async () => {
      const record = await store.read(id);
      if (record?.state !== "CLAIMED") return undefined;
      return { leaseUntilMs: record.leaseUntilMs, owner: record.owner };
    },
    named({
      store: noting,
      executionTimeoutSeconds: 60,
      clock: { now: () => 0, sleep: async () => {} },
    }),
  );
  const claimed = await call({ id: "1" }, { getRemainingTimeInMillis: () => 5_000 } as never);
  expect(claimed).toEqual({ leaseUntilMs: 6_000, owner: expect.stringMatching(/^[\w-]{43}$/) });
});
