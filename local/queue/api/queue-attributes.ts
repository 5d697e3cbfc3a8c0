import type { Queue } from "../queue.ts";
import { QueueError } from "../queue-error.ts";

/**
 * The attributes of a queue with these names, or all of them for `All`; without names there are none.
 *
 * @throws QueueError for an unknown name.
 */
export function queueAttributes(queue: Queue, names: readonly string[]): Record<string, string> {
  const all = allAttributes(queue);
  if (names.includes("All")) return all;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = all[name];
      if (value !== undefined) return [[name, value]];
      if (OPTIONAL.includes(name)) return [];
      throw new QueueError("InvalidAttributeName", `Unknown Attribute ${name}.`);
    }),
  );
}

/** The attributes that not every queue has. */
const OPTIONAL = [
  "RedrivePolicy",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
  "Policy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
];

function allAttributes(queue: Queue): Record<string, string> {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const seconds = (durationMs: number) => String(durationMs / 1000);
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    DelaySeconds: seconds(settings.delayMs),
    VisibilityTimeout: seconds(settings.visibilityTimeoutMs),
    MessageRetentionPeriod: seconds(settings.retentionMs),
    ReceiveMessageWaitTimeSeconds: seconds(settings.receiveWaitMs),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    ...(settings.redrivePolicy && { RedrivePolicy: JSON.stringify(settings.redrivePolicy) }),
    ...(settings.isFifo && {
      FifoQueue: "true",
      ContentBasedDeduplication: String(settings.hasContentBasedDeduplication),
      DeduplicationScope: settings.deduplicationScope,
    }),
  };
}
