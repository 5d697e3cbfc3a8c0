import { SINGLE_TENANT } from "../../../lib/invocation/tenant.ts";
import { valueRecordId } from "../../../lib/protocol/key.ts";
import type { DiaryLine } from "../diary.ts";
import type { SentMessage } from "./history.ts";
import type { QueueChaosResult } from "./queue-chaos.ts";
import type { QueueViolation } from "./rules.ts";

/** A violation, with all events of its order in their order. */
export function tellQueueStory(
  { rule, detail, orderId }: QueueViolation,
  { history, final, diary }: Pick<QueueChaosResult, "history" | "final" | "diary">,
): string {
  const headline = `VIOLATION  ${rule}: ${detail}`;
  if (orderId === undefined) return headline;
  const sent = history.filter(({ order }) => order.id === orderId);
  const orders = [...new Set(sent.map(({ order }) => order))];
  const marks = new Set(orders.map(({ mark }) => mark));
  const books = final.books.filter(({ entries }) => entries.some((mark) => marks.has(mark)));
  const payments = final.payments.filter(({ amountMinor }) => marks.has(amountMinor));
  return [
    headline,
    ...orders.map((order) => `  order ${JSON.stringify(order)}`),
    ...[...sent.flatMap(toLines), ...diary.about(toRecordId(orderId))]
      .toSorted((one, other) => one.atMs - other.atMs)
      .map(({ atMs, text }) => `  ${String(atMs).padStart(7)} ms  ${text}`),
    ...books.map((one) => `  books: ${JSON.stringify(one)}`),
    ...payments.map((one) => `  payment: ${JSON.stringify(one)}`),
  ].join("\n");
}

/** The id of the record of our consumer. */
function toRecordId(key: string): string {
  return valueRecordId({ tenant: SINGLE_TENANT, operation: "book order", key });
}

function toLines({ number, order, sentMs, events }: SentMessage): DiaryLine[] {
  return [
    { atMs: sentMs, text: `message ${number} of ${order.mark} is sent to ${order.queue}` },
    ...events.map(({ atMs, kind }) => ({ atMs, text: `message ${number} is ${kind}` })),
  ];
}
