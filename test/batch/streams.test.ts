import { describe, expect, test } from "@jest/globals";
import { type BatchOptions, idempotentBatch, memoryStore } from "../../lib/index.ts";
import { manualClock } from "../support/clock.ts";
import { failedIn } from "./events.ts";

const CONTEXT = { getRemainingTimeInMillis: () => 10_000 };

const base64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");

function kinesisRecord(n: number, partitionKey: string, data: unknown = { n }) {
  return {
    eventSource: "aws:kinesis",
    kinesis: {
      sequenceNumber: `4959033827149025660855969253836157109592157${n}`,
      partitionKey,
      data: base64(data),
    },
  };
}

function change(n: number, id: string, eventName = "MODIFY") {
  return {
    eventSource: "aws:dynamodb",
    eventName,
    dynamodb: {
      SequenceNumber: String(n),
      Keys: { id: { S: id } },
      NewImage: { n: { N: String(n) } },
    },
  };
}

function kafkaRecord(topic: string, partition: number, offset: number, key?: string) {
  return {
    topic,
    partition,
    offset,
    ...(key && { key: base64(key) }),
    value: base64({ topic, offset }),
  };
}

/** Wraps a consumer keyed by `keyOf`, which fails for the keys in `poison`. */
function consumer<BatchRecord>(
  keyOf: (record: BatchRecord) => string,
  poison: readonly string[] = [],
  options: Partial<BatchOptions<BatchRecord, object>> = {},
) {
  const ran: string[] = [];
  const handler = idempotentBatch<BatchRecord, object>(
    async (record) => {
      const key = keyOf(record);
      ran.push(key);
      if (poison.includes(key)) throw new Error("poison");
    },
    {
      ...{ store: memoryStore(), name: "book", singleTenant: true, key: keyOf },
      ...{ clock: manualClock(), observe: () => {} },
      ...options,
    } as BatchOptions<BatchRecord, object>,
  );
  return { ran, handler };
}

describe("a Kinesis batch", () => {
  const keyOf = ({ kinesis }: ReturnType<typeof kinesisRecord>) =>
    kinesis.sequenceNumber.at(-1) ?? "";

  test("returns the lowest failure alone, and runs what it has done no more", async () => {
    const { ran, handler } = consumer(keyOf, ["3", "5"]);
    const records = [1, 2, 3, 4, 5].map((n) => kinesisRecord(n, n % 2 === 0 ? "even" : "odd"));
    expect(failedIn(await handler({ Records: records }, CONTEXT))).toEqual([
      records[2]?.kinesis.sequenceNumber,
    ]);
    expect(ran.toSorted()).toEqual(["1", "2", "3", "4"]);
    const again = failedIn(await handler({ Records: records.slice(2) }, CONTEXT));
    expect(again).toEqual([records[2]?.kinesis.sequenceNumber]);
    expect(ran.toSorted()).toEqual(["1", "2", "3", "3", "4"]);
  });

  test("compares the bytes of its data, or the JSON text in them", async () => {
    const { handler } = consumer(() => "k");
    const first = kinesisRecord(1, "p", '{"a":1,"b":2}');
    expect(failedIn(await handler({ Records: [first] }, CONTEXT))).toEqual([]);
    const same = kinesisRecord(2, "p", '{"b":2,"a":1}');
    expect(failedIn(await handler({ Records: [same] }, CONTEXT))).toEqual([]);
    const other = kinesisRecord(3, "p", Buffer.from([0xff, 1]).toString("latin1"));
    expect(failedIn(await handler({ Records: [other] }, CONTEXT))).toHaveLength(1);
    const bytes = (byte: number) => ({
      ...first,
      kinesis: { ...first.kinesis, data: Buffer.from([0xff, byte]).toString("base64") },
    });
    const binary = consumer(() => "k").handler;
    expect(failedIn(await binary({ Records: [bytes(1)] }, CONTEXT))).toEqual([]);
    expect(failedIn(await binary({ Records: [bytes(1)] }, CONTEXT))).toEqual([]);
    expect(failedIn(await binary({ Records: [bytes(2)] }, CONTEXT))).toHaveLength(1);
  });

  test("waits for a record that another invocation has in work", async () => {
    const store = memoryStore();
    const clock = manualClock();
    let release: () => void = () => {};
    const slow = idempotentBatch(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      { ...{ store, clock, name: "book", singleTenant: true, key: () => "k", observe: () => {} } },
    );
    const records = [kinesisRecord(1, "p")];
    const first = slow({ Records: records }, CONTEXT);
    for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
    const { handler, ran } = consumer(() => "k", [], { store, clock });
    const second = handler({ Records: records } as never, CONTEXT);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect([failedIn(await first), failedIn(await second)]).toEqual([[], []]);
    expect(ran).toEqual([]);
  });
});

describe("a DynamoDB Streams batch", () => {
  const keyOf = ({ dynamodb }: ReturnType<typeof change>) => dynamodb.SequenceNumber;

  test("keeps the changes of an item in order, and returns the lowest failure", async () => {
    const { ran, handler } = consumer(keyOf, ["2"]);
    const records = [change(1, "a"), change(2, "b"), change(3, "a"), change(4, "b")];
    expect(failedIn(await handler({ Records: records }, CONTEXT))).toEqual(["2"]);
    expect(ran.toSorted()).toEqual(["1", "2", "3"]);
  });

  test("is another record if the event differs", async () => {
    const { handler } = consumer(() => "k");
    await handler({ Records: [change(1, "a", "INSERT")] }, CONTEXT);
    expect(failedIn(await handler({ Records: [change(1, "a", "REMOVE")] }, CONTEXT))).toEqual([
      "1",
    ]);
  });

  test("with a record that has no sequence number is refused as a whole", async () => {
    const { handler, ran } = consumer(keyOf);
    const nameless = { ...change(1, "a"), dynamodb: { Keys: {} } } as never;
    await expect(handler({ Records: [nameless] }, CONTEXT)).rejects.toThrow(
      /record 0 of the batch \(dynamodb\) has no SequenceNumber/,
    );
    expect(ran).toEqual([]);
  });
});

describe.each(["aws:kafka", "SelfManagedKafka"])("a Kafka batch of %s", (eventSource) => {
  const keyOf = ({ topic, partition, offset }: ReturnType<typeof kafkaRecord>) =>
    `${topic}-${partition}-${offset}`;

  test("returns the lowest failure of each partition", async () => {
    const { ran, handler } = consumer(keyOf, ["t-0-2", "t-0-3", "t-1-7"]);
    const records = {
      "t-0": [1, 2, 3].map((offset) => kafkaRecord("t", 0, offset, `key ${offset}`)),
      "t-1": [7, 8].map((offset) => kafkaRecord("t", 1, offset)),
    };
    expect(failedIn(await handler({ eventSource, records } as never, CONTEXT))).toEqual([
      { partition: "t-0", offset: 2 },
      { partition: "t-1", offset: 7 },
    ]);
    // 8 has no key, so it stands behind 7.
    expect(ran.toSorted()).toEqual(["t-0-1", "t-0-2", "t-0-3", "t-1-7"]);
  });

  test("may delete a key, with a record that has no value", async () => {
    const { ran, handler } = consumer(keyOf);
    const tombstone = { ...kafkaRecord("t", 0, 1, "a"), value: null };
    const records = { "t-0": [tombstone] } as never;
    expect(failedIn(await handler({ eventSource, records } as never, CONTEXT))).toEqual([]);
    expect(ran).toEqual(["t-0-1"]);
  });
});
