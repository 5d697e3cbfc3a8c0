import type { MovableClock } from "../functions/movable-clock.ts";
import type { QueueClock } from "./settings.ts";

type Alarm = { timeMs: number; call: () => void; timer?: NodeJS.Timeout };

/**
 * Starts a clock for queues that runs with this machine's clock, and moves with the functions' clock
 * if they have one.
 */
export function startQueueClock(movable?: MovableClock): QueueClock & { close(): void } {
  const alarms = new Set<Alarm>();
  const nowMs = () => Date.now() + (movable?.offsetMs() ?? 0);

  function wait(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const leftMs = alarm.timeMs - nowMs();
    if (leftMs > 0) {
      // A queue must not keep a finished program alive.
      alarm.timer = setTimeout(() => wait(alarm), leftMs).unref();
    } else if (alarms.delete(alarm)) alarm.call();
  }

  const stopFollowing = movable?.onAdvance(() => {
    for (const alarm of [...alarms]) wait(alarm);
  });
  return {
    nowMs,
    callAt: (timeMs, call) => {
      const alarm: Alarm = { timeMs, call };
      alarms.add(alarm);
      // Never during the call: the caller gets the cancellation first.
      alarm.timer = setTimeout(() => wait(alarm), Math.max(0, timeMs - nowMs())).unref();
      return () => {
        clearTimeout(alarm.timer);
        alarms.delete(alarm);
      };
    },
    close: () => {
      stopFollowing?.();
      for (const { timer } of alarms) clearTimeout(timer);
      alarms.clear();
    },
  };
}
