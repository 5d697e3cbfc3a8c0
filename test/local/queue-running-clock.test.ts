import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type MovableClock, startMovableClock } from "../../local/functions/movable-clock.ts";
import { startQueueClock } from "../../local/queue/running-clock.ts";

const HOUR_MS = 3_600_000;

let movable: MovableClock;
let clock: ReturnType<typeof startQueueClock>;
beforeEach(() => {
  movable = startMovableClock();
  clock = startQueueClock(movable);
});
afterEach(() => {
  clock.close();
  movable.close();
});

test("the clock of queues moves with the clock of functions", () => {
  movable.advance(HOUR_MS);
  expect(clock.nowMs() - Date.now()).toBeGreaterThanOrEqual(HOUR_MS - 1_000);
});

test("a call is made once when the functions' clock passes its time", () => {
  let calls = 0;
  clock.callAt(clock.nowMs() + HOUR_MS, () => {
    calls += 1;
  });
  movable.advance(HOUR_MS / 2);
  expect(calls).toBe(0);
  movable.advance(HOUR_MS);
  movable.advance(HOUR_MS);
  expect(calls).toBe(1);
});

test("a call that was cancelled, or whose clock was closed, is not made", () => {
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  const cancel = clock.callAt(clock.nowMs() + HOUR_MS, count);
  clock.callAt(clock.nowMs() + HOUR_MS, count);
  cancel();
  clock.close();
  movable.advance(2 * HOUR_MS);
  expect(calls).toBe(0);
});

test("without a clock of functions, a call is made by this machine's time", async () => {
  const machine = startQueueClock();
  const calledMs = await new Promise<number>((resolve) => {
    const timeMs = machine.nowMs() + 5;
    machine.callAt(timeMs, () => resolve(machine.nowMs() - timeMs));
  });
  expect(calledMs).toBeGreaterThanOrEqual(0);
  machine.close();
});
