import type { QueueClock, QueueSettings } from "../../local/queue/settings.ts";

/** A clock that stands still until a test moves it. */
export type ManualQueueClock = QueueClock & { advance(durationMs: number): void };

export const START_MS = Date.UTC(2026, 10, 22);

export function manualQueueClock(): ManualQueueClock {
  let nowMs = START_MS;
  const alarms = new Set<{ timeMs: number; call: () => void }>();
  return {
    nowMs: () => nowMs,
    callAt: (timeMs, call) => {
      const alarm = { timeMs, call };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance: (durationMs) => {
      nowMs += durationMs;
      for (const alarm of [...alarms]) {
        if (alarm.timeMs <= nowMs && alarms.delete(alarm)) alarm.call();
      }
    },
  };
}

/** The settings of a queue with the defaults of SQS. */
export function queueSettings(more: Partial<QueueSettings> = {}): QueueSettings {
  const name = more.name ?? (more.isFifo ? "orders.fifo" : "orders");
  return {
    name,
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    isFifo: false,
    hasContentBasedDeduplication: false,
    deduplicationScope: "queue",
    delayMs: 0,
    visibilityTimeoutMs: 30_000,
    retentionMs: 4 * 86_400_000,
    receiveWaitMs: 0,
    maximumMessageBytes: 1_048_576,
    ...more,
  };
}
