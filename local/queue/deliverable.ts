import type { Message } from "./message.ts";

/** The messages of a queue, by the three states that SQS counts. */
export type MessageCounts = { visible: number; inFlight: number; delayed: number };

export function stateOf(message: Message, nowMs: number): keyof MessageCounts {
  if (message.visibleAtMs <= nowMs) return "visible";
  return isInFlight(message, nowMs) ? "inFlight" : "delayed";
}

export function isInFlight({ receivesHere, visibleAtMs }: Message, nowMs: number): boolean {
  return receivesHere > 0 && visibleAtMs > nowMs;
}

/** The messages that a receive may deliver, in order. A group with a message in flight has none. */
export function deliverable(
  all: IteratorObject<Message>,
  isFifo: boolean,
  nowMs: number,
): Iterable<Message> {
  if (!isFifo) return all.filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
  const groups = Map.groupBy(all, ({ groupId }) => groupId);
  // As many messages of one group as possible, so that other consumers can take the other groups.
  return [...groups.values()].flatMap((group) => {
    if (group.some((message) => isInFlight(message, nowMs))) return [];
    const firstInvisible = group.findIndex(({ visibleAtMs }) => visibleAtMs > nowMs);
    return firstInvisible < 0 ? group : group.slice(0, firstInvisible);
  });
}
