import { ACCOUNT_ID, REGION } from "../../local/assembly/pseudo-parameters.ts";
import type { MovableClock } from "../../local/functions/movable-clock.ts";
import { sqsEvent } from "../../local/queue/mapping/sqs-event.ts";
import { Queues } from "../../local/queue/queues.ts";
import { startQueueClock } from "../../local/queue/running-clock.ts";
import { startSqsApi } from "../../local/sqs-api.ts";

/** A FIFO queue without a consumer, behind SQS's endpoint. */
export interface FifoQueue {
  readonly endpoint: string;
  readonly url: string;
  /** Takes all messages out of the queue, as the event of a batch. */
  takeAll(): ReturnType<typeof sqsEvent>;
  close(): Promise<void>;
}

export async function startFifoQueue(
  name = "transfers.fifo",
  movable?: MovableClock,
): Promise<FifoQueue> {
  const clock = startQueueClock(movable);
  const queues = new Queues(clock);
  const queue = queues.add({
    name,
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`,
    isFifo: true,
    hasContentBasedDeduplication: false,
    deduplicationScope: "queue",
    delayMs: 0,
    visibilityTimeoutMs: 60_000,
    retentionMs: 14 * 86_400_000,
    receiveWaitMs: 0,
    maximumMessageBytes: 1_048_576,
  });
  const api = await startSqsApi(queues, clock);
  return {
    endpoint: api.endpoint,
    url: api.queueUrl(name),
    takeAll() {
      const received = queue.receive({ maxMessages: Number.POSITIVE_INFINITY });
      for (const { receiptHandle } of received) queue.delete(receiptHandle);
      return sqsEvent(received, queue.settings.arn);
    },
    async close() {
      clock.close();
      await api.close();
    },
  };
}
