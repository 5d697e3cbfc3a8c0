import { expect, test } from "@jest/globals";
import { systemClock } from "../../lib/protocol/clock.ts";
import { callOptions } from "../../lib/protocol/execution.ts";

test.each<[string, number | undefined, object]>([
  ["half a second before the invocation does", 10_000, { timeoutMs: 9_500 }],
  ["after half of the remaining time, if that is later", 600, { timeoutMs: 300 }],
  ["at the same moment by both", 1_000, { timeoutMs: 500 }],
  ["after half of the remaining time, however short", 1, { timeoutMs: 0.5 }],
  ["by its own bounds, if the time is up", 0, {}],
  ["by its own bounds, if the time is over", -5, {}],
  ["by its own bounds, if the time is not known", undefined, {}],
])("a call of the store ends %s", (_name, remainingMs, options) => {
  const { hasTime, ...bounds } = callOptions({ remainingMs: () => remainingMs });
  expect(bounds).toEqual(options);
  expect(hasTime === undefined).toBe(remainingMs === undefined);
});

test.each<[string, number | undefined, boolean]>([
  ["goes on while a millisecond is left", 1, true],
  ["goes on while a part of a millisecond is left", 0.1, true],
  ["has ended when no time is left", 0, false],
  ["has ended long ago, after the process was frozen", -86_400_000, false],
  ["goes on, if its time is not known any more", undefined, true],
])(
  "a call that asks again, before each send, is told that the invocation %s",
  (_name, laterMs, has) => {
    let remainingMs: number | undefined = 10_000;
    const { hasTime } = callOptions({ remainingMs: () => remainingMs });
    expect(hasTime?.()).toBe(true);
    remainingMs = laterMs;
    expect(hasTime?.()).toBe(has);
  },
);

test("the machine's own time goes on by itself, and while one sleeps", async () => {
  const beforeMs = Date.now();
  await systemClock.sleep(2);
  const nowMs = systemClock.now();
  expect(nowMs).toBeGreaterThan(beforeMs);
  expect(nowMs).toBeLessThanOrEqual(Date.now());
});
