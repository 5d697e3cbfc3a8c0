import type { Message } from "./message.ts";
import { Queue } from "./queue.ts";
import { QueueError } from "./queue-error.ts";
import type { QueueClock, QueueSettings } from "./settings.ts";

/** All queues of the local cloud, which send dead letters to each other. */
export class Queues {
  readonly #clock: QueueClock;
  readonly #byArn = new Map<string, Queue>();

  constructor(clock: QueueClock) {
    this.#clock = clock;
  }

  add(settings: QueueSettings): Queue {
    const target = settings.redrivePolicy?.deadLetterTargetArn ?? "";
    const queue = new Queue(settings, this.#clock, () => this.#byArn.get(target));
    this.#byArn.set(settings.arn, queue);
    return queue;
  }

  /** @throws QueueError if there is no such queue. */
  byName(name: string): Queue {
    for (const queue of this.#byArn.values()) if (queue.settings.name === name) return queue;
    throw new QueueError("QueueDoesNotExist", `The specified queue does not exist: ${name}.`);
  }

  /** @throws QueueError if there is no such queue. */
  byArn(arn: string): Queue {
    const queue = this.#byArn.get(arn);
    if (queue) return queue;
    throw new QueueError("ResourceNotFoundException", `The resource does not exist: ${arn}.`);
  }

  /**
   * Redrives: moves the visible messages of a dead-letter queue to another queue. A message without a
   * source, which a client has sent to the dead-letter queue, stays unless a destination is given.
   *
   * @param destinationArn @default for each message the queue that it is from.
   * @returns the number of moved messages.
   * @throws QueueError for a source that is no dead-letter queue, and a destination of another type.
   */
  redrive(sourceArn: string, destinationArn?: string): number {
    const source = this.byArn(sourceArn);
    const destination = destinationArn === undefined ? undefined : this.byArn(destinationArn);
    if (!this.#isDeadLetterQueue(sourceArn)) {
      throw new QueueError(
        "UnsupportedOperation",
        `Source queue must be configured as a Dead Letter Queue: ${sourceArn}.`,
      );
    }
    if (destination && destination.settings.isFifo !== source.settings.isFifo) {
      throw new QueueError(
        "UnsupportedOperation",
        "The destination must be a FIFO queue exactly if the source is a FIFO queue.",
      );
    }
    const target = ({ deadLetterSourceArn = "" }: Message) =>
      destination ?? this.#byArn.get(deadLetterSourceArn);
    const moved = source.takeVisible((message) => target(message) !== undefined);
    for (const message of moved) target(message)?.putRedriven(message);
    return moved.length;
  }

  #isDeadLetterQueue(arn: string): boolean {
    return [...this.#byArn.values()].some(
      ({ settings }) => settings.redrivePolicy?.deadLetterTargetArn === arn,
    );
  }
}
