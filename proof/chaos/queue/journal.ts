import { randomUUID } from "node:crypto";
import type { InvocationResult } from "../../../local/functions/environment.ts";
import { readFailedMessages } from "../../../local/queue/mapping/batch-response.ts";
import type { Message } from "../../../local/queue/message.ts";
import type { QueueBooks } from "./books.ts";
import type { QueueOrder, SentMessage } from "./history.ts";
import { writeBody } from "./plan.ts";
import type { RunningQueue } from "./queues.ts";

/** The messages of a run with their events, seen from outside of the consumers. */
export interface Journal {
  readonly messages: readonly SentMessage[];
  /** The number of batches that were delivered. */
  batchCount(): number;
  send(queue: RunningQueue, order: QueueOrder): void;
  /** Has a batch processed, and notes the events of its messages. */
  onBatch(event: string, invoke: () => Promise<InvocationResult>): Promise<InvocationResult>;
  noteRedriven(letters: readonly Message[]): void;
}

interface DeliveredRecord {
  readonly messageId: string;
  readonly messageAttributes: { readonly number: { readonly stringValue: string } };
}

/** The number of a message: it stays when a redrive changes the message's id. */
export function readNumber({ attributes }: Pick<Message, "attributes">): number {
  return Number(attributes.number?.stringValue);
}

/** @param sinceStart milliseconds since the run began. */
export function keepJournal(
  books: Pick<QueueBooks, "findEffects">,
  sinceStart: () => number,
): Journal {
  const messages: SentMessage[] = [];
  let batches = 0;
  const sentAs = ({ messageAttributes }: DeliveredRecord) =>
    messages[Number(messageAttributes.number.stringValue)] as SentMessage;

  function noteReturned(records: readonly DeliveredRecord[]): void {
    for (const record of records) {
      sentAs(record).events.push({ atMs: sinceStart(), kind: "returned" });
    }
  }

  return {
    messages,
    batchCount: () => batches,
    send({ name, source }, order) {
      const number = messages.length;
      messages.push({ number, order, sentMs: sinceStart(), events: [] });
      source.send({
        body: writeBody(order),
        attributes: { number: { dataType: "Number", stringValue: String(number) } },
        ...(name.endsWith(".fifo") && { groupId: order.group, deduplicationId: randomUUID() }),
      });
    },
    async onBatch(event, invoke) {
      batches += 1;
      const records: DeliveredRecord[] = JSON.parse(event).Records;
      for (const record of records) {
        sentAs(record).events.push({ atMs: sinceStart(), kind: "delivered" });
      }
      const result = await invoke();
      const ids = records.map(({ messageId }) => messageId);
      const failed = readFailedMessages(ids, result, true);
      const isDone = ({ messageId }: DeliveredRecord) => failed !== "all" && !failed.has(messageId);
      const done = records.filter(isDone).map(sentAs);
      noteReturned(records.filter((record) => !isDone(record)));
      // Before the queue deletes the messages.
      const effects = await books.findEffects(done.map(({ order }) => order));
      for (const { order, events } of done) {
        const hasEffect = effects.has(order.mark);
        events.push({ atMs: sinceStart(), kind: "acknowledged", hasEffect });
      }
      return result;
    },
    noteRedriven(letters) {
      for (const letter of letters) {
        messages[readNumber(letter)]?.events.push({ atMs: sinceStart(), kind: "redriven" });
      }
    },
  };
}
