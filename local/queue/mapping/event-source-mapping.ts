import type { FunctionDefinition } from "../../functions/definition.ts";
import type { InvocationResult } from "../../functions/environment.ts";
import { type ReceivedMessage, sizeInBytes } from "../message.ts";
import type { Queue } from "../queue.ts";
import { QueueError } from "../queue-error.ts";
import type { QueueClock } from "../settings.ts";
import { type FailedMessages, readFailedMessages } from "./batch-response.ts";
import { sqsEvent } from "./sqs-event.ts";

/** A function that gets the messages of a queue, in batches. */
export type MappingDefinition = {
  logicalId: string;
  queueArn: string;
  function: FunctionDefinition;
  isEnabled: boolean;
  /** The most messages of one batch. */
  batchSize: number;
  /** How long a batch waits for more messages, from its first message on. */
  windowMs: number;
  /** The most batches that are processed at once. */
  maxConcurrency: number;
  /** Whether the function names the messages that failed. */
  reportsFailures: boolean;
};

/** Everything outside of a mapping. */
export type MappingSurroundings = {
  queue: Queue;
  clock: QueueClock;
  /** Invokes the function with an event in JSON. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Takes a line about each batch of which messages failed. */
  log(line: string): void;
};

/** A mapping at work. */
export type RunningMapping = {
  /**
   * Resolves when nothing more happens before the time goes on: no batch is being processed, and no
   * batch is complete. Rejects when the mapping is closed.
   */
  untilIdle(): Promise<void>;
  close(): void;
};

/** Lambda's limit for the messages of one event. */
const MAX_BATCH_BYTES = 6 * 1024 * 1024;
/** The most messages that SQS delivers at once. */
const MOST_RECEIVED = 10;

/**
 * Polls a queue for a function as Lambda does: a batch that succeeds is deleted from the queue, and
 * of a batch that fails all messages stay there until their visibility timeout ends. The receive has
 * hidden them, and with a message of a FIFO queue its group, so that one batch at a time has the group.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function startMapping(
  definition: MappingDefinition,
  { queue, clock, invoke, log }: MappingSurroundings,
): RunningMapping {
  const { batchSize, windowMs, maxConcurrency, reportsFailures } = definition;
  const waiting = new Set<PromiseWithResolvers<void>>();
  let batch: ReceivedMessage[] = [];
  let batchBytes = 0;
  let windowEndMs = 0;
  let cancelWindow = () => {};
  let processedCount = 0;
  let isPollDue = false;
  let isClosed = false;

  /** Polls after the change that is under way: a batch request sends its messages one by one. */
  function pollSoon(): void {
    if (isPollDue) return;
    isPollDue = true;
    queueMicrotask(() => {
      isPollDue = false;
      if (!isClosed) poll();
    });
  }

  function poll(): void {
    while (processedCount < maxConcurrency) {
      gather();
      if (batch.length === 0 || (clock.nowMs() < windowEndMs && !isFull())) break;
      const complete = batch;
      batch = [];
      batchBytes = 0;
      cancelWindow();
      void process(complete);
    }
    settle();
  }

  function gather(): void {
    while (!isFull()) {
      const received = queue.receive({
        maxMessages: Math.min(MOST_RECEIVED, batchSize - batch.length),
        maxBytes: MAX_BATCH_BYTES - batchBytes,
      });
      if (received.length === 0) return;
      if (batch.length === 0) openWindow();
      batch.push(...received);
      batchBytes += received.reduce((sum, message) => sum + sizeInBytes(message), 0);
    }
  }

  function openWindow(): void {
    windowEndMs = clock.nowMs() + windowMs;
    if (windowMs > 0) cancelWindow = clock.callAt(windowEndMs, pollSoon);
  }

  function isFull(): boolean {
    return (
      batch.length >= batchSize || batchBytes > MAX_BATCH_BYTES - queue.settings.maximumMessageBytes
    );
  }

  async function process(messages: readonly ReceivedMessage[]): Promise<void> {
    processedCount += 1;
    const failed = await invokeWith(messages);
    processedCount -= 1;
    if (isClosed) return;
    settleBatch(messages, failed);
    pollSoon();
  }

  async function invokeWith(messages: readonly ReceivedMessage[]): Promise<FailedMessages> {
    const ids = messages.map(({ messageId }) => messageId);
    try {
      const result = await invoke(JSON.stringify(sqsEvent(messages, queue.settings.arn)));
      return readFailedMessages(ids, result, reportsFailures);
    } catch {
      // The function has no process, which was reported.
      return "all";
    }
  }

  function settleBatch(messages: readonly ReceivedMessage[], failed: FailedMessages): void {
    const done = messages.filter(({ messageId }) => failed !== "all" && !failed.has(messageId));
    const kept = messages.length - done.length;
    if (kept > 0) {
      log(`${kept} of ${messages.length} messages of ${queue.settings.name} failed.`);
    }
    for (const { messageId, receiptHandle } of done) {
      try {
        queue.delete(receiptHandle);
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        log(`Message ${messageId} of ${queue.settings.name} comes again: ${error.message}`);
      }
    }
  }

  function isIdle(): boolean {
    return !isPollDue && processedCount === 0;
  }

  function settle(): void {
    if (!isIdle()) return;
    for (const { resolve } of waiting) resolve();
    waiting.clear();
  }

  const stopListening = queue.onChange(pollSoon);
  pollSoon();
  return {
    untilIdle: () => {
      const waiter = Promise.withResolvers<void>();
      if (isClosed) waiter.reject(new Error(CLOSED));
      else if (isIdle()) waiter.resolve();
      else waiting.add(waiter);
      return waiter.promise;
    },
    close: () => {
      isClosed = true;
      stopListening();
      cancelWindow();
      for (const { reject } of waiting) reject(new Error(CLOSED));
      waiting.clear();
    },
  };
}

const CLOSED = "The local cloud was closed.";
