import { expect, test } from "@jest/globals";
import type { InvocationResult } from "../../local/functions/environment.ts";
import { Queue } from "../../local/queue/queue.ts";
import type { QueueOrder } from "../../proof/chaos/queue/history.ts";
import { keepJournal } from "../../proof/chaos/queue/journal.ts";

const ORDER: QueueOrder = {
  id: "a",
  mark: 7,
  queue: "start",
  group: "g",
  effect: "ledger",
  kind: "proper",
  slowMs: 0,
};
const NEXT: QueueOrder = { ...ORDER, id: "b", mark: 9 };

const SETTINGS = {
  name: "start",
  arn: "arn:aws:sqs:us-east-1:000000000000:start",
  isFifo: false,
  hasContentBasedDeduplication: false,
  deduplicationScope: "queue" as const,
  delayMs: 0,
  visibilityTimeoutMs: 1_000,
  retentionMs: 60_000,
  receiveWaitMs: 0,
  maximumMessageBytes: 1_024,
};

/** The kinds of the events of two messages, of which the effect of the first is there. */
async function findEvents(result: InvocationResult): Promise<string[][]> {
  const source = new Queue(SETTINGS, { nowMs: () => 0, callAt: () => () => {} }, () => undefined);
  const books = { findEffects: async () => new Set([ORDER.mark]) };
  const journal = keepJournal(books, () => 1);
  const queue = { name: "start", source } as Parameters<typeof journal.send>[0];
  journal.send(queue, ORDER);
  journal.send(queue, NEXT);
  const Records = journal.messages.map(({ number }) => ({
    messageId: `id-${number}`,
    messageAttributes: { number: { stringValue: String(number) } },
  }));
  await journal.onBatch(JSON.stringify({ Records }), async () => result);
  expect(source.counts()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  return journal.messages.map(({ events }) =>
    events.map((event) =>
      event.kind === "acknowledged" ? `${event.kind} ${event.hasEffect}` : event.kind,
    ),
  );
}

const returned = (value: object): InvocationResult => ({
  outcome: "returned",
  payload: JSON.stringify(value),
});

test("a message without a reported failure is acknowledged, with or without its effect", async () => {
  expect(await findEvents(returned({ batchItemFailures: [] }))).toEqual([
    ["delivered", "acknowledged true"],
    ["delivered", "acknowledged false"],
  ]);
});

test("a message with a reported failure comes back", async () => {
  const failures = [{ itemIdentifier: "id-1" }];
  expect(await findEvents(returned({ batchItemFailures: failures }))).toEqual([
    ["delivered", "acknowledged true"],
    ["delivered", "returned"],
  ]);
});

test("after a failed invocation every message comes back", async () => {
  expect(await findEvents({ outcome: "failed", payload: "{}" })).toEqual([
    ["delivered", "returned"],
    ["delivered", "returned"],
  ]);
});
