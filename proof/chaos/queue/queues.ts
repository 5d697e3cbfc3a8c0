import { ACCOUNT_ID, REGION } from "../../../local/assembly/pseudo-parameters.ts";
import type { FunctionDefinition } from "../../../local/functions/definition.ts";
import type { InvocationResult } from "../../../local/functions/environment.ts";
import type { MappingDefinition } from "../../../local/queue/mapping/event-source-mapping.ts";
import { startMapping } from "../../../local/queue/mapping/event-source-mapping.ts";
import type { Queue } from "../../../local/queue/queue.ts";
import type { Queues } from "../../../local/queue/queues.ts";
import type { QueueClock, QueueSettings } from "../../../local/queue/settings.ts";
import { QUEUE_NAMES, type QueueName } from "./history.ts";

/** A source queue with its dead-letter queue and its event source mapping. */
export interface RunningQueue {
  readonly name: QueueName;
  readonly source: Queue;
  readonly dead: Queue;
  /** Moves the dead letters back, as new messages. */
  redrive(): void;
  /** Resolves when no batch is being processed and none can be delivered. */
  untilIdle(): Promise<void>;
  close(): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Shorter than AWS advises, so that messages come again while they are in work. */
const VISIBILITY_MS = 4_000;
const MAX_RECEIVES = 4;

/** Adds the queues, and has the consumers called as Lambda does. */
export function startChaosQueues(
  queues: Queues,
  clock: QueueClock,
  consumerOf: (name: QueueName) => FunctionDefinition,
  invoke: (definition: FunctionDefinition, payload: string) => Promise<InvocationResult>,
): RunningQueue[] {
  return QUEUE_NAMES.map((name) => {
    const isFifo = name.endsWith(".fifo");
    const deadName = isFifo ? `${name.replace(".fifo", "")}-dead.fifo` : `${name}-dead`;
    const dead = queues.add(createSettings(deadName));
    const source = queues.add({
      ...createSettings(name),
      redrivePolicy: { deadLetterTargetArn: dead.settings.arn, maxReceiveCount: MAX_RECEIVES },
    });
    const definition = consumerOf(name);
    const mapping = startMapping(createMapping(source, definition), {
      queue: source,
      clock,
      invoke: (payload) => invoke(definition, payload),
      log: () => {},
    });
    return {
      name,
      source,
      dead,
      redrive: () => queues.redrive(dead.settings.arn),
      untilIdle: mapping.untilIdle,
      close: mapping.close,
    };
  });
}

function createSettings(name: string): QueueSettings {
  return {
    name,
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`,
    isFifo: name.endsWith(".fifo"),
    hasContentBasedDeduplication: false,
    deduplicationScope: "queue",
    delayMs: 0,
    visibilityTimeoutMs: VISIBILITY_MS,
    retentionMs: 14 * DAY_MS,
    receiveWaitMs: 0,
    maximumMessageBytes: 1_048_576,
  };
}

function createMapping({ settings }: Queue, definition: FunctionDefinition): MappingDefinition {
  return {
    logicalId: settings.name,
    queueArn: settings.arn,
    function: definition,
    isEnabled: true,
    batchSize: 6,
    windowMs: 0,
    maxConcurrency: 3,
    reportsFailures: true,
  };
}
