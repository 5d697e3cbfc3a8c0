import { createHash } from "node:crypto";
import type { OutgoingMessage } from "./message.ts";
import type { QueueSettings } from "./settings.ts";

/** How long a FIFO queue knows a deduplication id, from the first message on. */
export const DEDUPLICATION_MS = 300_000;

/** The result of a send, which a repeat of the message gets as well. */
export type AcceptedMessage = { messageId: string; sequenceNumber?: string };

/** The deduplication ids that a FIFO queue has seen, also of messages that are received or deleted. */
export class Deduplication {
  readonly #scope: QueueSettings["deduplicationScope"];
  readonly #known = new Map<string, AcceptedMessage & { sentMs: number }>();

  constructor(scope: QueueSettings["deduplicationScope"]) {
    this.#scope = scope;
  }

  /** The accepted message with the same id, if the queue still knows that message. */
  find(message: OutgoingMessage, nowMs: number): AcceptedMessage | undefined {
    const known = this.#known.get(this.#key(message));
    return known && nowMs - known.sentMs < DEDUPLICATION_MS ? known : undefined;
  }

  add(message: OutgoingMessage, accepted: AcceptedMessage, nowMs: number): void {
    for (const [key, { sentMs }] of this.#known) {
      // The oldest come first.
      if (nowMs - sentMs < DEDUPLICATION_MS) break;
      this.#known.delete(key);
    }
    this.#known.set(this.#key(message), { ...accepted, sentMs: nowMs });
  }

  #key({ groupId, deduplicationId }: OutgoingMessage): string {
    return JSON.stringify([this.#scope === "queue" ? "" : groupId, deduplicationId]);
  }
}

/** The id that a queue with content-based deduplication gives to a message: its attributes do not count. */
export function contentDeduplicationId(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
