import { randomUUID } from "node:crypto";
import { Changes } from "./changes.ts";
import { checkMessage } from "./check-message.ts";
import { type AcceptedMessage, contentDeduplicationId, Deduplication } from "./deduplication.ts";
import { deliverable, isInFlight, type MessageCounts, stateOf } from "./deliverable.ts";
import {
  type Message,
  type OutgoingMessage,
  type ReceivedMessage,
  sizeInBytes,
} from "./message.ts";
import { invalidValue, QueueError } from "./queue-error.ts";
import { readReceiptHandle, writeReceiptHandle } from "./receipt-handle.ts";
import type { QueueClock, QueueSettings } from "./settings.ts";

/** The longest time that a message may be invisible after a receive. */
export const LONGEST_VISIBILITY_MS = 43_200_000;

export type ReceiveOptions = {
  /** @default 1 */
  maxMessages?: number;
  /** The size of all messages of this receive. @default no limit */
  maxBytes?: number;
  /** @default the queue's */
  visibilityTimeoutMs?: number;
};

/**
 * A queue in memory, standard or FIFO, with the documented behaviour of SQS. A standard queue delivers
 * in order and once for each visibility timeout, though SQS promises neither.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
 */
export class Queue {
  readonly settings: QueueSettings;
  readonly #clock: QueueClock;
  readonly #deadLetterQueue: () => Queue | undefined;
  /** In the order of arrival, by message id. */
  readonly #messages = new Map<string, Message>();
  readonly #deduplication: Deduplication;
  readonly #changes: Changes;
  /** No message expires before this time. */
  #firstExpiryMs = Number.POSITIVE_INFINITY;
  #acceptedCount = 0;

  /** @param deadLetterQueue finds the target of the redrive policy. */
  constructor(
    settings: QueueSettings,
    clock: QueueClock,
    deadLetterQueue: () => Queue | undefined,
  ) {
    this.settings = settings;
    this.#clock = clock;
    this.#deadLetterQueue = deadLetterQueue;
    this.#deduplication = new Deduplication(settings.deduplicationScope);
    this.#changes = new Changes(clock, () =>
      this.#messages.values().map(({ visibleAtMs }) => visibleAtMs),
    );
  }

  /**
   * Takes a message. A FIFO queue takes a message with a known deduplication id without keeping it.
   *
   * @throws QueueError for a message that SQS refuses.
   */
  send(message: OutgoingMessage): AcceptedMessage {
    checkMessage(message, this.settings);
    const nowMs = this.#clock.nowMs();
    if (!this.settings.isFifo) return this.#keep(message, randomUUID(), nowMs);
    const deduplicationId = message.deduplicationId ?? contentDeduplicationId(message.body);
    const identified = { ...message, deduplicationId };
    const known = this.#deduplication.find(identified, nowMs);
    return known ?? this.#keep(identified, randomUUID(), nowMs);
  }

  /** Delivers visible messages. A message that was received too often goes to the dead-letter queue. */
  receive(options: ReceiveOptions = {}): ReceivedMessage[] {
    const { maxMessages = 1, maxBytes = Number.POSITIVE_INFINITY } = options;
    const visibilityTimeoutMs = options.visibilityTimeoutMs ?? this.settings.visibilityTimeoutMs;
    const nowMs = this.#clock.nowMs();
    const movedCount = this.#moveDeadLetters(nowMs);
    const received: ReceivedMessage[] = [];
    let bytes = 0;
    for (const message of deliverable(this.#messages.values(), this.settings.isFifo, nowMs)) {
      bytes += sizeInBytes(message);
      if (received.length === maxMessages || bytes > maxBytes) break;
      received.push(this.#deliver(message, nowMs, visibilityTimeoutMs));
    }
    if (movedCount + received.length > 0) this.#changes.tell();
    return received;
  }

  /**
   * Deletes a message by the handle of its last receive. An older handle deletes nothing.
   *
   * @throws QueueError for a handle of another queue, and in a FIFO queue for an expired handle.
   */
  delete(receiptHandle: string): void {
    const nowMs = this.#clock.nowMs();
    const message = this.#findReceived(receiptHandle, nowMs);
    if (!message) return;
    if (this.settings.isFifo && message.visibleAtMs <= nowMs) {
      invalidValue("ReceiptHandle", receiptHandle, "the receipt handle has expired");
    }
    this.#messages.delete(message.messageId);
    this.#changes.tell();
  }

  /**
   * Makes a message in flight visible after another time, counted from now.
   *
   * @throws QueueError for a message that is not in flight, and for more than 12 hours in all.
   */
  changeVisibility(receiptHandle: string, visibilityTimeoutMs: number): void {
    const nowMs = this.#clock.nowMs();
    const message = this.#findReceived(receiptHandle, nowMs);
    if (!message || message.visibleAtMs <= nowMs) {
      throw new QueueError("MessageNotInflight", "The message is not in flight.");
    }
    const sinceReceiptMs = nowMs - (message.receivedMs ?? nowMs);
    if (sinceReceiptMs + visibilityTimeoutMs > LONGEST_VISIBILITY_MS) {
      const reason = "total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
      invalidValue("VisibilityTimeout", visibilityTimeoutMs / 1000, reason);
    }
    message.visibleAtMs = nowMs + visibilityTimeoutMs;
    this.#changes.wakeAt(message.visibleAtMs);
    this.#changes.tell();
  }

  /** Makes all messages in flight visible, as the end of their visibility timeout does. */
  makeVisible(): number {
    const nowMs = this.#clock.nowMs();
    const inFlight = this.messages().filter((message) => isInFlight(message, nowMs));
    for (const { messageId } of inFlight) {
      (this.#messages.get(messageId) as Message).visibleAtMs = nowMs;
    }
    this.#changes.tell();
    return inFlight.length;
  }

  /** The messages in the queue, in the order of arrival. */
  messages(): Message[] {
    this.#removeExpired(this.#clock.nowMs());
    return [...this.#messages.values()].map((message) => ({ ...message }));
  }

  counts(): MessageCounts {
    const nowMs = this.#clock.nowMs();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const message of this.messages()) counts[stateOf(message, nowMs)] += 1;
    return counts;
  }

  /** Takes visible messages out of the queue to move them to others. */
  takeVisible(isTaken: (message: Message) => boolean): Message[] {
    const nowMs = this.#clock.nowMs();
    const taken = this.messages().filter(
      (message) => message.visibleAtMs <= nowMs && isTaken(message),
    );
    for (const { messageId } of taken) this.#messages.delete(messageId);
    if (taken.length > 0) this.#changes.tell();
    return taken;
  }

  /**
   * Puts in a message that a redrive takes out of a dead-letter queue. It counts as a new message, with
   * a new id. Its deduplication id is unique already: SQS replaced it on the way to the dead-letter queue.
   */
  putRedriven({ body, attributes, groupId, deduplicationId, traceHeader }: Message): void {
    const message = {
      body,
      attributes,
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(traceHeader !== undefined && { traceHeader }),
    };
    this.#keep(message, randomUUID(), this.#clock.nowMs());
  }

  /** Sees each change after which a message may be deliverable, or the queue empty. */
  onChange(listener: () => void): () => void {
    return this.#changes.listen(listener);
  }

  #keep(message: OutgoingMessage, messageId: string, nowMs: number): AcceptedMessage {
    const sequence = this.settings.isFifo && { sequenceNumber: this.#nextSequenceNumber() };
    const kept: Message = {
      ...message,
      messageId,
      attributes: message.attributes ?? {},
      sentMs: nowMs,
      visibleAtMs: nowMs + (message.delayMs ?? this.settings.delayMs),
      receiveCount: 0,
      receivesHere: 0,
      ...sequence,
    };
    const accepted = { messageId, ...sequence };
    if (this.settings.isFifo) this.#deduplication.add(kept, accepted, nowMs);
    this.#add(kept);
    return accepted;
  }

  /** Large and not consecutive, as the numbers of SQS are. */
  #nextSequenceNumber(): string {
    this.#acceptedCount += 1;
    return String(18_850_000_000_000_000_000n + 256n * BigInt(this.#acceptedCount));
  }

  /** Takes a message that a queue has received too often. It keeps its id. */
  #putDeadLetter(message: Message, deadLetterSourceArn: string): void {
    const nowMs = this.#clock.nowMs();
    this.#add({
      ...message,
      deadLetterSourceArn,
      receivesHere: 0,
      visibleAtMs: nowMs,
      // A FIFO queue counts from the move; a standard queue keeps the time of the first send.
      ...(this.settings.isFifo && {
        sentMs: nowMs,
        sequenceNumber: this.#nextSequenceNumber(),
        // Otherwise one of two messages that once shared an id would be lost here.
        deduplicationId: message.messageId,
      }),
    });
  }

  #moveDeadLetters(nowMs: number): number {
    this.#removeExpired(nowMs);
    const policy = this.settings.redrivePolicy;
    const target = policy && this.#deadLetterQueue();
    if (!target) return 0;
    const moved = [...this.#messages.values()].filter(
      ({ receivesHere, visibleAtMs }) =>
        receivesHere >= policy.maxReceiveCount && visibleAtMs <= nowMs,
    );
    for (const message of moved) {
      this.#messages.delete(message.messageId);
      target.#putDeadLetter(message, this.settings.arn);
    }
    return moved.length;
  }

  #deliver(message: Message, nowMs: number, visibilityTimeoutMs: number): ReceivedMessage {
    message.receiveCount += 1;
    message.receivesHere += 1;
    message.receivedMs = nowMs;
    message.firstReceivedMs ??= nowMs;
    message.visibleAtMs = nowMs + visibilityTimeoutMs;
    this.#changes.wakeAt(message.visibleAtMs);
    const receiptHandle = writeReceiptHandle(this.settings.name, message.messageId);
    message.receiptHandle = receiptHandle;
    return { ...message, receiptHandle };
  }

  /** The message with this handle, unless it is gone or has been received again. */
  #findReceived(receiptHandle: string, nowMs: number): Message | undefined {
    const [queueName, messageId] = readReceiptHandle(receiptHandle);
    if (queueName !== this.settings.name) {
      throw new QueueError(
        "ReceiptHandleIsInvalid",
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
      );
    }
    this.#removeExpired(nowMs);
    const message = this.#messages.get(messageId ?? "");
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  #add(message: Message): void {
    this.#messages.set(message.messageId, message);
    this.#firstExpiryMs = Math.min(this.#firstExpiryMs, this.#expiryMs(message));
    this.#changes.wakeAt(message.visibleAtMs);
    this.#changes.tell();
  }

  #removeExpired(nowMs: number): void {
    if (nowMs < this.#firstExpiryMs) return;
    this.#firstExpiryMs = Number.POSITIVE_INFINITY;
    for (const message of this.#messages.values()) {
      const expiryMs = this.#expiryMs(message);
      if (expiryMs <= nowMs) this.#messages.delete(message.messageId);
      else this.#firstExpiryMs = Math.min(this.#firstExpiryMs, expiryMs);
    }
  }

  #expiryMs({ sentMs }: Message): number {
    return sentMs + this.settings.retentionMs;
  }
}
