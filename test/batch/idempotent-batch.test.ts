import { describe, expect, test } from "@jest/globals";
import {
  type BatchOptions,
  idempotentBatch,
  idempotentFunction,
  memoryStore,
  messageIdUntilRedrive,
  queue,
} from "../../lib/index.ts";
import type { Observation } from "../../lib/observe.ts";
import { manualClock } from "../support/clock.ts";
import { committingStore } from "../support/keyed-request.ts";
import { failedIn, message, type TestMessage } from "./events.ts";

interface Context {
  readonly getRemainingTimeInMillis?: () => number;
}

type Work = (order: { id: string; amount?: number }, record: TestMessage) => unknown;

/** A consumer that notes the order in which its records run, by their ids. */
function consumer(
  work: Work = () => {},
  options: Partial<BatchOptions<TestMessage, Context>> = {},
) {
  const clock = manualClock();
  const observed: Observation[] = [];
  const ran: string[] = [];
  const handler = idempotentBatch<TestMessage, Context>(
    async (record) => {
      const order = JSON.parse(record.body);
      ran.push(order.id);
      await work(order, record);
    },
    {
      store: memoryStore(),
      name: "book",
      singleTenant: true,
      key: ({ body }) => JSON.parse(body).id,
      clock,
      observe: (observation) => observed.push(observation),
      ...options,
    } as BatchOptions<TestMessage, Context>,
  );
  const receive = (Records: readonly TestMessage[], context: Context = TEN_SECONDS) =>
    handler({ Records }, context);
  return { clock, observed, ran, receive, handler };
}

const TEN_SECONDS = { getRemainingTimeInMillis: () => 10_000 };

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a message", () => {
  test("that is delivered again is acknowledged, and does not run", async () => {
    const { receive, ran } = consumer();
    const order = message({ id: "a" });
    expect(await receive([order])).toEqual({ batchItemFailures: [] });
    expect(await receive([order])).toEqual({ batchItemFailures: [] });
    expect(ran).toEqual(["a"]);
  });

  test("that was moved back from the dead-letter queue after 27 days does not run again", async () => {
    const { receive, ran, clock } = consumer();
    await receive([message({ id: "a" })]);
    clock.advance(27 * 24 * 60 * 60 * 1000);
    expect(failedIn(await receive([message({ id: "a" })]))).toEqual([]);
    expect(ran).toEqual(["a"]);
  });

  test("that fails is returned, and runs again", async () => {
    let isDown = true;
    const { receive, ran, observed } = consumer(() => {
      if (isDown) throw new Error("bank is down");
    });
    const [order, other] = [message({ id: "a" }), message({ id: "b" })];
    expect(failedIn(await receive([order, other]))).toEqual([order.messageId, other.messageId]);
    expect(observed).toContainEqual({
      kind: "recordFailed",
      item: order.messageId,
      cause: new Error("bank is down"),
    });
    isDown = false;
    expect(failedIn(await receive([order]))).toEqual([]);
    expect(ran).toEqual(["a", "b", "a"]);
  });

  test("under the key of another one is returned, so that it reaches the dead-letter queue", async () => {
    const { receive, ran } = consumer();
    await receive([message({ id: "a", amount: 1 })]);
    const other = message({ id: "a", amount: 2 });
    expect(failedIn(await receive([other]))).toEqual([other.messageId]);
    expect(ran).toEqual(["a"]);
  });

  test("under the key of another one is dropped, and observed, where the option says so", async () => {
    const { receive, ran, observed } = consumer(undefined, { mismatch: "acknowledge" });
    await receive([message({ id: "a", amount: 1 })]);
    const other = message({ id: "a", amount: 2 });
    expect(failedIn(await receive([other]))).toEqual([]);
    expect(ran).toEqual(["a"]);
    expect(observed).toContainEqual(
      expect.objectContaining({ kind: "recordDropped", item: other.messageId }),
    );
  });

  test("whose handler calls another function that refuses is not dropped", async () => {
    const other = idempotentFunction(async () => {}, {
      ...{ store: memoryStore(), name: "other", singleTenant: true, observe: () => {} },
      key: () => "k",
    });
    await other(1);
    const { receive } = consumer(() => other(2), { mismatch: "acknowledge" });
    const order = message({ id: "a" });
    expect(failedIn(await receive([order]))).toEqual([order.messageId]);
  });

  test("is the same with its members in another order, and another where its body is text", async () => {
    const { receive } = consumer(undefined, { key: () => "k" });
    await receive([message('{"id":"a","amount":1}')]);
    expect(failedIn(await receive([message('{"amount":1, "id":"a"}')]))).toEqual([]);
    const handler = idempotentBatch(async () => {}, {
      store: memoryStore(),
      ...{ name: "n", singleTenant: true, key: () => "k", observe: () => {} },
    });
    expect(failedIn(await handler({ Records: [message("a")] }, {}))).toEqual([]);
    const quoted = message('"a"');
    expect(failedIn(await handler({ Records: [quoted] }, {}))).toEqual([quoted.messageId]);
  });

  test("that another invocation has in work is never acknowledged", async () => {
    let release: () => void = () => {};
    const { receive, ran } = consumer(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const order = message({ id: "a" });
    const first = receive([order]);
    while (ran.length === 0) await turn();
    expect(failedIn(await receive([order]))).toEqual([order.messageId]);
    release();
    expect(failedIn(await first)).toEqual([]);
    expect(ran).toEqual(["a"]);
  });

  test.each([undefined, "", "undefined", {}])("whose key is %j fails alone", async (key) => {
    const { receive, ran } = consumer(undefined, {
      key: ({ body }) => (JSON.parse(body).id === "bad" ? key : JSON.parse(body).id),
    });
    const bad = message({ id: "bad" });
    expect(failedIn(await receive([message({ id: "a" }), bad, message({ id: "b" })]))).toEqual([
      bad.messageId,
    ]);
    expect(ran).toEqual(["a", "b"]);
  });

  test("whose key cannot be read fails alone", async () => {
    const { receive, ran } = consumer();
    const bad = message("no JSON");
    expect(failedIn(await receive([bad, message({ id: "a" })]))).toEqual([bad.messageId]);
    expect(ran).toEqual(["a"]);
  });
});

describe("a message that another invocation has in work", () => {
  async function whileInWork(changes: object) {
    let release: () => void = () => {};
    const parts = consumer(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      changes,
    );
    const order = message({ id: "a" });
    const first = parts.receive([order]);
    while (parts.ran.length === 0) await turn();
    const failed = failedIn(await parts.receive([order]));
    release();
    await first;
    return { ...parts, order, failed };
  }

  test("is hidden until the lease of that invocation is over", async () => {
    const calls: unknown[] = [];
    const client = { changeMessageVisibility: async (input: unknown) => calls.push(input) };
    const { order, failed } = await whileInWork({ sqs: { client } });
    expect(failed).toEqual([order.messageId]);
    expect(calls).toEqual([
      {
        QueueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/orders",
        ReceiptHandle: order.receiptHandle,
        VisibilityTimeout: 11,
      },
    ]);
  });

  test("is returned all the same if its visibility cannot be moved", async () => {
    const cause = new Error("denied");
    const client = { changeMessageVisibility: () => Promise.reject(cause) };
    const { order, failed, observed } = await whileInWork({
      sqs: { client, queueUrl: "https://q" },
    });
    expect(failed).toEqual([order.messageId]);
    expect(observed).toContainEqual({ kind: "visibilityNotMoved", item: order.messageId, cause });
  });
});

describe("a FIFO batch", () => {
  test("runs each group in order, and returns everything of a group behind a failure", async () => {
    const { receive, ran, observed } = consumer(({ id }) => {
      if (id === "a2") throw new Error("poison");
    });
    const records = ["a1", "b1", "a2", "b2", "a3", "a4"].map((id) => message({ id }, id[0]));
    const failed = failedIn(await receive(records));
    expect(failed).toEqual([records[2], records[4], records[5]].map((one) => one?.messageId));
    expect(ran.filter((id) => id.startsWith("a"))).toEqual(["a1", "a2"]);
    expect(ran.filter((id) => id.startsWith("b"))).toEqual(["b1", "b2"]);
    expect(observed).toContainEqual({ kind: "recordsReturned", behindFailure: 2, withoutTime: 0 });
  });

  test("whose first record is poison returns its whole group, and runs nothing else of it", async () => {
    const { receive, ran } = consumer(() => {
      throw new Error("poison");
    });
    const records = [1, 2, 3].map((n) => message({ id: `a${n}` }, "a"));
    expect(failedIn(await receive(records))).toHaveLength(3);
    expect(ran).toEqual(["a1"]);
  });

  test("runs groups side by side, and never two records of one group", async () => {
    const running = new Map<string, number>();
    let most = 0;
    const { receive } = consumer(async ({ id }) => {
      const group = id.slice(0, 1);
      running.set(group, (running.get(group) ?? 0) + 1);
      expect(running.get(group)).toBe(1);
      most = Math.max(
        most,
        [...running.values()].reduce((sum, one) => sum + one),
      );
      for (let n = 0; n < 5; n += 1) await turn();
      running.set(group, 0);
    });
    const records = ["a", "b", "c"].flatMap((group) =>
      [1, 2, 3].map((n) => message({ id: group + n }, group)),
    );
    expect(failedIn(await receive(records))).toEqual([]);
    expect(most).toBe(3);
  });
});

test("a standard batch of 10,000 records runs them all, 10 side by side", async () => {
  let running = 0;
  let most = 0;
  const { receive, ran } = consumer(async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  });
  const records = Array.from({ length: 10_000 }, (_, n) => message({ id: `o-${n}` }));
  expect(await receive(records)).toEqual({ batchItemFailures: [] });
  expect(ran).toHaveLength(10_000);
  expect(most).toBe(10);
});

describe("a batch near the end of its invocation", () => {
  test("begins no record, and returns the rest", async () => {
    let leftMs = 4_500;
    const { receive, ran, observed } = consumer(
      () => {
        leftMs -= 1_300;
      },
      { concurrency: 1 },
    );
    const records = ["a", "b", "c", "d"].map((id) => message({ id }));
    const failed = failedIn(await receive(records, { getRemainingTimeInMillis: () => leftMs }));
    expect(ran).toEqual(["a", "b"]);
    expect(failed).toEqual(records.slice(2).map(({ messageId }) => messageId));
    expect(observed).toContainEqual({ kind: "recordsReturned", behindFailure: 0, withoutTime: 2 });
  });

  test("uses half of an invocation that is shorter than its reserve", async () => {
    const { receive, ran } = consumer();
    const context = { getRemainingTimeInMillis: () => 1_500 };
    expect(failedIn(await receive([message({ id: "a" })], context))).toEqual([]);
    expect(ran).toEqual(["a"]);
  });

  test("waits for a record in work: its handler must not go on in another invocation", async () => {
    let finish: () => void = () => {};
    let leftMs = 10_000;
    const { receive, ran } = consumer(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const response = receive([message({ id: "slow" })], { getRemainingTimeInMillis: () => leftMs });
    while (ran.length === 0) await turn();
    leftMs = 100;
    let isOver = false;
    void response.then(() => {
      isOver = true;
    });
    for (let n = 0; n < 20; n += 1) await turn();
    expect(isOver).toBe(false);
    finish();
    expect(failedIn(await response)).toEqual([]);
  });
});

test("a batch whose handler waits for nothing keeps its process, so that Lambda reports no success", async () => {
  let held = 0;
  const clock = {
    ...manualClock(),
    holdProcess: () => {
      held += 1;
      return () => {
        held -= 1;
      };
    },
  };
  let finish: () => void = () => {};
  const { receive, ran } = consumer(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
    { clock },
  );
  const response = receive([message({ id: "a" })]);
  while (ran.length === 0) await turn();
  expect(held).toBe(1);
  finish();
  await response;
  expect(held).toBe(0);
});

test("a record that is done is acknowledged under a contract that replays nothing", async () => {
  const { receive } = consumer(undefined, { contract: queue({ completed: "refuse" }) });
  const order = message({ id: "a" });
  await receive([order]);
  expect(failedIn(await receive([order]))).toEqual([]);
});

test("a corrected message is not dropped while the earlier one has not taken effect", async () => {
  const { receive } = consumer(
    ({ amount }) => {
      if (amount === -1) throw new Error("invalid");
    },
    { mismatch: "acknowledge" },
  );
  await receive([message({ id: "a", amount: -1 })]);
  const corrected = message({ id: "a", amount: 1 });
  expect(failedIn(await receive([corrected]))).toEqual([corrected.messageId]);
});

test("commit gives the handler its result, although the record keeps none", async () => {
  const seen: unknown[] = [];
  const store = committingStore();
  const handler = idempotentBatch<TestMessage, Context>(
    async (_record, { idempotency }) => {
      seen.push(await idempotency.commit([], { id: "t-1" }));
    },
    { ...{ store, name: "book", singleTenant: true, observe: () => {} }, key: () => "k" },
  );
  const order = message({ id: "a" });
  expect(failedIn(await handler({ Records: [order] }, TEN_SECONDS))).toEqual([]);
  expect(failedIn(await handler({ Records: [order] }, TEN_SECONDS))).toEqual([]);
  expect(seen).toEqual([{ id: "t-1" }]);
});

test("without ReportBatchItemFailures the invocation fails, and finished records do not run again", async () => {
  let isDown = true;
  const { receive, ran } = consumer(
    ({ id }) => {
      if (id === "b" && isDown) throw new Error("down");
    },
    { failures: "throw" },
  );
  const records = [message({ id: "a" }), message({ id: "b" })];
  await expect(receive(records)).rejects.toMatchObject({
    message: expect.stringContaining("1 of 2 records are not done"),
    errors: [new Error("down")],
  });
  isDown = false;
  expect(failedIn(await receive(records))).toEqual([]);
  expect(ran).toEqual(["a", "b", "b"]);
});

describe("the id of a message as a key", () => {
  const advice = (observed: readonly Observation[]) =>
    observed.filter((one) => one.kind === "advice" && one.code === "key_is_message_id");

  test("is warned of, once", async () => {
    const { receive, observed } = consumer(undefined, { key: ({ messageId }) => messageId });
    await receive([message({ id: "a" }), message({ id: "b" })]);
    expect(advice(observed)).toHaveLength(1);
  });

  test("is not warned of under its own name", async () => {
    const { receive, observed } = consumer(undefined, { key: messageIdUntilRedrive });
    const order = message({ id: "a" });
    await receive([order, order]);
    expect(advice(observed)).toEqual([]);
  });
});

describe("an event that is no batch of a known source fails as a whole:", () => {
  const record = { eventSource: "aws:s3", s3: {} };
  test.each<[string, unknown, RegExp]>([
    ["S3", { Records: [record] }, /the event is an S3 notification; .*idempotentFunction/],
    ["HTTP", { version: "2.0", requestContext: { http: { method: "POST" } } }, /is no batch/],
    ["a tumbling window", { window: {}, state: {}, Records: [] }, /has a tumbling window/],
    ["nothing", null, /is no batch/],
    ["a text", "batch", /is no batch/],
    [
      "a message without its id",
      { Records: [{ ...message({}), messageId: undefined }] },
      /record 0 of the batch \(sqs\) has no messageId/,
    ],
    [
      "a message that is no object",
      { Records: [message({}), null] },
      /record 1 .*has no messageId/,
    ],
  ])("%s", async (_name, event, text) => {
    const { handler, ran } = consumer();
    await expect(handler(event as never, TEN_SECONDS)).rejects.toThrow(text);
    expect(ran).toEqual([]);
  });

  test("but an empty batch has nothing to do", async () => {
    expect(await consumer().receive([])).toEqual({ batchItemFailures: [] });
  });
});

describe("a mistake shows when the function starts:", () => {
  test.each<[object, RegExp]>([
    [{ sqs: { client: { send() {} } } }, /an SQSClient has no such method/],
    [{ concurrency: 0 }, /concurrency is 0; expected a whole number above 0/],
    [{ mismatch: "drop" }, /mismatch is 'drop'; expected "return" or "acknowledge"/],
    [{ stopBeforeMs: -1 }, /stopBeforeMs is -1/],
    [{ failures: "log" }, /failures is 'log'/],
    [{ inFlight: "wait" }, /inFlight is 'wait'/],
    [{ contract: queue({ abandoned: "complete" }) }, /abandoned is "complete"/],
  ])("%j", (changes, text) => {
    expect(() => consumer(undefined, changes)).toThrow(text);
  });
});
