import type { ReceivedMessage } from "../message.ts";
import type { Queue, ReceiveOptions } from "../queue.ts";
import type { QueueClock } from "../settings.ts";

/**
 * Receives messages; while there are none, waits for the first of them.
 *
 * @param waiting how long to wait, and a signal that ends the wait.
 * @returns an empty list after the wait.
 */
export async function receiveWithin(
  queue: Queue,
  options: ReceiveOptions,
  { clock, waitMs, signal }: { clock: QueueClock; waitMs: number; signal: AbortSignal },
): Promise<ReceivedMessage[]> {
  const atOnce = queue.receive(options);
  if (atOnce.length > 0 || waitMs === 0) return atOnce;
  return new Promise((resolve) => {
    const finish = (messages: ReceivedMessage[]) => {
      stopListening();
      cancelAlarm();
      signal.removeEventListener("abort", giveUp);
      resolve(messages);
    };
    const giveUp = () => finish([]);
    let isReceiving = false;
    const stopListening = queue.onChange(() => {
      // A receive is a change itself.
      if (isReceiving) return;
      isReceiving = true;
      const messages = queue.receive(options);
      isReceiving = false;
      if (messages.length > 0) finish(messages);
    });
    const cancelAlarm = clock.callAt(clock.nowMs() + waitMs, giveUp);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
