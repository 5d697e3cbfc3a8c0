import type { QueueClock } from "./settings.ts";

/** Tells listeners of each change of a queue, also of a change that time alone brings. */
export class Changes {
  readonly #clock: QueueClock;
  readonly #times: () => Iterable<number>;
  readonly #listeners = new Set<() => void>();
  /** The time at which the listeners are called next: when a message becomes visible, or earlier. */
  #alarmMs = Number.POSITIVE_INFINITY;
  #cancelAlarm = () => {};

  /** @param times the times at which messages become visible, past ones too. */
  constructor(clock: QueueClock, times: () => Iterable<number>) {
    this.#clock = clock;
    this.#times = times;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#wakeAtAll();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#cancelAlarm();
      this.#alarmMs = Number.POSITIVE_INFINITY;
    };
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Tells of a change at this time, unless it is over. */
  wakeAt(timeMs: number): void {
    const isLater = timeMs >= this.#alarmMs || timeMs <= this.#clock.nowMs();
    if (isLater || this.#listeners.size === 0) return;
    this.#cancelAlarm();
    this.#alarmMs = timeMs;
    this.#cancelAlarm = this.#clock.callAt(timeMs, () => {
      this.#alarmMs = Number.POSITIVE_INFINITY;
      this.#wakeAtAll();
      this.tell();
    });
  }

  #wakeAtAll(): void {
    for (const timeMs of this.#times()) this.wakeAt(timeMs);
  }
}
