import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import { idempotentBatch, idempotentFunction, memoryStore } from "../../lib/index.ts";
import { functionIdempotency } from "../../lib/middy.ts";
import { failedIn, message, type TestMessage } from "../batch/events.ts";
import { manualClock } from "../support/clock.ts";

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 } as never;

/** An event that is no HTTP request. */
interface PlainEvent {
  readonly id?: string;
  readonly amount?: number;
  readonly Records?: unknown;
}

/** Options under which the id in the body is the key. */
function optionsOf(changes: object = {}) {
  return {
    store: memoryStore(),
    clock: manualClock(),
    name: "book",
    singleTenant: true as const,
    key: ({ body }: TestMessage) => JSON.parse(body).id,
    observe: () => {},
    ...changes,
  };
}

describe("under Middy, as a middleware of a plain event,", () => {
  const options = (changes: object = {}) => ({
    ...optionsOf(changes),
    key: ({ id }: PlainEvent) => id,
  });

  test.each([{ paid: 1 }, undefined, null, 0])(
    "a repeat gets the first result, %j, and the handler does not run",
    async (result) => {
      let runs = 0;
      const handler = middy()
        .use(functionIdempotency(options()))
        .handler(async () => {
          runs += 1;
          return result;
        });
      expect(await handler({ id: "a" }, CONTEXT)).toStrictEqual(result);
      expect(await handler({ id: "a" }, CONTEXT)).toStrictEqual(result);
      expect(runs).toBe(1);
    },
  );

  test("an error goes to the error hooks, and the next call runs again", async () => {
    let runs = 0;
    const seen: unknown[] = [];
    const handler = middy()
      .use({ onError: ({ error }) => void seen.push((error as Error).message) })
      .use(functionIdempotency(options()))
      .handler(async () => {
        runs += 1;
        if (runs === 1) throw Object.assign(new Error("not found"), { statusCode: 404 });
        return "done";
      });
    await expect(handler({ id: "a" }, CONTEXT)).rejects.toThrow("not found");
    expect(await handler({ id: "a" }, CONTEXT)).toBe("done");
    expect(seen).toEqual(["not found"]);
  });

  test("a refusal goes to the error hooks, and the handler does not run", async () => {
    let runs = 0;
    const handler = middy()
      .use(functionIdempotency(options()))
      .handler(async () => {
        runs += 1;
      });
    await handler({ id: "a", amount: 1 }, CONTEXT);
    await expect(handler({ id: "a", amount: 2 }, CONTEXT)).rejects.toMatchObject({
      name: "IdempotencyRefused",
      code: "payload_mismatch",
    });
    expect(runs).toBe(1);
  });

  test("a hook that throws after the handler does not make it run again", async () => {
    let runs = 0;
    let isBroken = true;
    const handler = middy()
      .use(functionIdempotency(options()))
      .use({
        after: () => {
          if (isBroken) throw new Error("hook");
        },
      })
      .handler(async () => {
        runs += 1;
        return "done";
      });
    await expect(handler({ id: "a" }, CONTEXT)).rejects.toThrow("hook");
    isBroken = false;
    expect(await handler({ id: "a" }, CONTEXT)).toBe("done");
    expect(runs).toBe(1);
  });

  test("a handler that outlives Middy's time-out keeps its claim", async () => {
    let runs = 0;
    const handler = middy({ timeoutEarlyInMillis: 50 })
      .use(functionIdempotency(options()))
      .handler(() => {
        runs += 1;
        return new Promise(() => {});
      });
    const context = { getRemainingTimeInMillis: () => 60 } as never;
    await expect(handler({ id: "a" }, context)).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(handler({ id: "a" }, CONTEXT)).rejects.toMatchObject({
      code: "request_in_flight",
    });
    expect(runs).toBe(1);
  });

  test("a whole batch is refused", async () => {
    const handler = middy()
      .use(functionIdempotency(options()))
      .handler(async () => {});
    await expect(handler({ Records: [message({})] }, CONTEXT)).rejects.toThrow("idempotentBatch");
  });
});

test("a batch under Middy is the wrapped handler, with every hook around it", async () => {
  const ran: string[] = [];
  let batches = 0;
  const handler = middy(
    idempotentBatch(async ({ body }: TestMessage) => void ran.push(body), optionsOf()),
  ).use({
    after: () => {
      batches += 1;
    },
  });
  const order = message({ id: "a" });
  expect(failedIn(await handler({ Records: [order] }, CONTEXT))).toEqual([]);
  expect(failedIn(await handler({ Records: [order] }, CONTEXT))).toEqual([]);
  expect([ran.length, batches]).toEqual([1, 2]);
});

describe("one record inside Powertools' processPartialResponse", () => {
  test("runs once, and its redelivery is acknowledged", async () => {
    const ran: string[] = [];
    let isDown = true;
    const record = idempotentFunction(async ({ body }: TestMessage) => {
      const { id } = JSON.parse(body);
      ran.push(id);
      if (id === "b" && isDown) throw new Error("down");
    }, optionsOf());
    const processor = new BatchProcessor(EventType.SQS);
    const receive = (Records: TestMessage[]) =>
      processPartialResponse({ Records } as never, record, processor, { context: CONTEXT });
    const [a, b] = [message({ id: "a" }), message({ id: "b" })];
    expect(failedIn(await receive([a, b]))).toEqual([b.messageId]);
    isDown = false;
    const again = [a, b].map((one) => ({ ...one, receiptHandle: `${one.receiptHandle} again` }));
    expect(failedIn(await receive(again))).toEqual([]);
    expect(ran).toEqual(["a", "b", "b"]);
  });
});
