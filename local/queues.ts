import { isNamed } from "./assembly/logical-id.ts";
import type { QueueDefinition } from "./assembly/queues.ts";
import type { InvocationResult } from "./functions/environment.ts";
import type { MessageCounts } from "./queue/deliverable.ts";
import { type MappingDefinition, startMapping } from "./queue/mapping/event-source-mapping.ts";
import type { Message } from "./queue/message.ts";
import type { Queue } from "./queue/queue.ts";
import type { Queues } from "./queue/queues.ts";
import type { QueueClock } from "./queue/settings.ts";

/** A queue of the local cloud, seen from outside. */
export type CloudQueue = {
  name: string;
  arn: string;
  /** For the `QueueUrl` of an SDK client. */
  url: string;
  counts(): MessageCounts;
  /** The messages in the queue, in the order of arrival, also if they are in flight or delayed. */
  messages(): Message[];
  /** Ends the visibility timeout of all messages in flight: they are delivered again at once. */
  makeVisible(): number;
  /**
   * Moves the messages of this dead-letter queue back to the queues that they are from, as new messages.
   *
   * @returns the number of moved messages.
   */
  redrive(): number;
  /**
   * Resolves when nothing more happens before the time goes on: the functions of the queue have nothing
   * to do. Messages may be left that are delayed, or hidden after a failure; move the clock for them.
   */
  untilIdle(): Promise<void>;
  /** Resolves when no message is left in any state, and the functions of the queue are done. */
  untilEmpty(): Promise<void>;
};

export type RunningQueues = {
  /**
   * @param name its logical id, in full or without the hash at its end, or its name.
   * @throws if there is no such queue, naming the queues of the stack.
   */
  find(name: string): CloudQueue;
  close(): Promise<void>;
};

/** Everything outside of the queues. */
export type QueuesSurroundings = {
  clock: QueueClock;
  queueUrl(queueName: string): string;
  invoke(definition: MappingDefinition["function"], payload: string): Promise<InvocationResult>;
  log(line: string): void;
};

/** Adds the queues of an assembly, and has their functions called. */
export function startQueues(
  queues: Queues,
  {
    queues: definitions,
    queueMappings,
  }: {
    queues: readonly QueueDefinition[];
    queueMappings: readonly MappingDefinition[];
  },
  { clock, queueUrl, invoke, log }: QueuesSurroundings,
): RunningQueues {
  for (const { logicalId: _logicalId, ...settings } of definitions) queues.add(settings);
  const mappings = queueMappings
    .filter(({ isEnabled }) => isEnabled)
    .map((definition) => ({
      queueArn: definition.queueArn,
      running: startMapping(definition, {
        queue: queues.byArn(definition.queueArn),
        clock,
        invoke: (payload) => invoke(definition.function, payload),
        log,
      }),
    }));

  function show(queue: Queue): CloudQueue {
    const { name, arn } = queue.settings;
    const consumers = mappings.filter(({ queueArn }) => queueArn === arn);
    const untilIdle = async () => {
      await Promise.all(consumers.map(({ running }) => running.untilIdle()));
    };
    return {
      name,
      arn,
      url: queueUrl(name),
      counts: () => queue.counts(),
      messages: () => queue.messages(),
      makeVisible: () => queue.makeVisible(),
      redrive: () => queues.redrive(arn),
      untilIdle,
      untilEmpty: async () => {
        await untilNoMessage(queue);
        await untilIdle();
      },
    };
  }

  return {
    find: (wanted) => {
      const found = definitions.find(
        ({ logicalId, name }) => name === wanted || isNamed(logicalId, wanted),
      );
      if (found) return show(queues.byArn(found.arn));
      const known = definitions.map(({ logicalId }) => logicalId).join(", ") || "none";
      throw new Error(`There is no queue ${wanted} in the stack; it has ${known}.`);
    },
    close: async () => {
      for (const { running } of mappings) running.close();
    },
  };
}

function untilNoMessage(queue: Queue): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (queue.messages().length > 0) return;
      stopListening();
      resolve();
    };
    const stopListening = queue.onChange(check);
    check();
  });
}
