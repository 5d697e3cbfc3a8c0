import type { QueueSettings, RedrivePolicy } from "../queue/settings.ts";
import { demandKnown } from "./demand.ts";
import type { Template } from "./template.ts";

/** A queue of the stack. */
export type QueueDefinition = QueueSettings & { logicalId: string };

type QueueProperties = {
  FifoQueue?: boolean;
  ContentBasedDeduplication?: boolean;
  DeduplicationScope?: "queue" | "messageGroup";
  DelaySeconds?: number;
  VisibilityTimeout?: number;
  MessageRetentionPeriod?: number;
  ReceiveMessageWaitTimeSeconds?: number;
  MaximumMessageSize?: number;
  RedrivePolicy?: string | { deadLetterTargetArn?: string; maxReceiveCount?: number | string };
};

const KNOWN = [
  "QueueName",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "DelaySeconds",
  "VisibilityTimeout",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "MaximumMessageSize",
  "RedrivePolicy",
  // Without an effect on this machine: throughput, encryption, permissions, costs.
  "FifoThroughputLimit",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "RedriveAllowPolicy",
  "Tags",
];

/** SQS's own default. */
const DEFAULT_MAX_RECEIVE_COUNT = 10;

/**
 * The queues of a stack.
 *
 * @throws for a property that the local cloud does not know.
 */
export function readQueues(template: Template): QueueDefinition[] {
  return template.ofType("AWS::SQS::Queue").map(([logicalId, resource]) => {
    const properties = (template.resolve(resource.Properties) ?? {}) as QueueProperties;
    demandKnown(logicalId, properties, KNOWN);
    const attribute = (name: string) =>
      String(template.resolve({ "Fn::GetAtt": [logicalId, name] }));
    const seconds = (value: number | undefined, ofSqs: number) => Number(value ?? ofSqs) * 1000;
    return {
      logicalId,
      name: attribute("QueueName"),
      arn: attribute("Arn"),
      isFifo: properties.FifoQueue === true,
      hasContentBasedDeduplication: properties.ContentBasedDeduplication === true,
      deduplicationScope: properties.DeduplicationScope ?? "queue",
      // CloudFormation's own defaults.
      delayMs: seconds(properties.DelaySeconds, 0),
      visibilityTimeoutMs: seconds(properties.VisibilityTimeout, 30),
      retentionMs: seconds(properties.MessageRetentionPeriod, 345_600),
      receiveWaitMs: seconds(properties.ReceiveMessageWaitTimeSeconds, 0),
      maximumMessageBytes: Number(properties.MaximumMessageSize ?? 1_048_576),
      ...readRedrivePolicy(properties),
    };
  });
}

function readRedrivePolicy({ RedrivePolicy: policy }: QueueProperties): {
  redrivePolicy?: RedrivePolicy;
} {
  if (policy === undefined) return {};
  const { deadLetterTargetArn = "", maxReceiveCount = DEFAULT_MAX_RECEIVE_COUNT } =
    typeof policy === "string" ? JSON.parse(policy) : policy;
  return { redrivePolicy: { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) } };
}

/**
 * Checks the queues of all stacks together.
 *
 * @throws for a queue that SQS would not create: a dead-letter queue is there and of the same type as
 *   its source, and the name of a FIFO queue ends with `.fifo`.
 */
export function checkQueues(queues: readonly QueueDefinition[]): void {
  for (const { logicalId, name, isFifo, redrivePolicy } of queues) {
    if (name.endsWith(".fifo") !== isFifo) {
      throw new Error(
        `${logicalId} is called ${name}: the name of a FIFO queue, and of no other, ends with .fifo.`,
      );
    }
    if (!redrivePolicy) continue;
    const target = queues.find(({ arn }) => arn === redrivePolicy.deadLetterTargetArn);
    if (!target) {
      throw new Error(
        `The dead-letter queue of ${logicalId} is not in the cloud assembly: ${redrivePolicy.deadLetterTargetArn}.`,
      );
    }
    if (target.isFifo !== isFifo) {
      throw new Error(
        `${target.logicalId} cannot be the dead-letter queue of ${logicalId}: only one of them is a FIFO queue.`,
      );
    }
  }
}
