import { describe, expect, test } from "@jest/globals";
import { idempotent, orzcash } from "../../lib/index.ts";
import { testClock, testContext, testStore } from "../../lib/testing/index.ts";
import { httpApiEvent } from "../support/events.ts";

test("a clock begins with the year 2026, or at the given time", () => {
  expect(new Date(testClock().now()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
  expect(testClock(7).now()).toBe(7);
});

test("a clock stands still until it is moved, and never runs backwards", () => {
  const clock = testClock(0);
  clock.advance(1_500);
  clock.advance(0);
  expect(clock.now()).toBe(1_500);
  for (const durationMs of [-1, Number.NaN]) {
    expect(() => clock.advance(durationMs)).toThrow(RangeError);
  }
});

describe("a sleep", () => {
  test("moves the clock by its duration, without real time", async () => {
    const clock = testClock(0);
    await clock.sleep(24 * 60 * 60 * 1_000);
    expect(clock.now()).toBe(24 * 60 * 60 * 1_000);
  });

  test("of a negative duration is over at once", async () => {
    const clock = testClock(10);
    await clock.sleep(-5);
    expect(clock.now()).toBe(10);
  });

  test("shares its time with other sleeps, and the shortest ends first", async () => {
    const clock = testClock(0);
    const woken: string[] = [];
    const sleep = async (name: string, ...durationsMs: number[]) => {
      for (const durationMs of durationsMs) {
        await clock.sleep(durationMs);
        woken.push(`${name} at ${clock.now()}`);
      }
    };
    await Promise.all([sleep("long", 500), sleep("short", 200, 200, 200)]);
    expect(woken).toEqual(["short at 200", "short at 400", "long at 500", "short at 600"]);
  });

  test("ends when the clock is moved past it", async () => {
    const clock = testClock(0);
    const asleep = clock.sleep(100).then(() => "woken");
    clock.advance(300);
    expect(await asleep).toBe("woken");
    expect(clock.now()).toBe(300);
  });
});

describe("a timer", () => {
  test("runs at its time, in the order of times, unless it is stopped", () => {
    const clock = testClock(0);
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name} at ${clock.now()}`);
    clock.startTimer(200, note("second"));
    clock.startTimer(100, note("first"));
    const stop = clock.startTimer(150, note("stopped"));
    stop();
    clock.startTimer(301, note("later"));
    clock.advance(300);
    stop();
    expect(ran).toEqual(["first at 100", "second at 200"]);
  });

  test("runs also during a sleep, and does not move the clock by itself", async () => {
    const clock = testClock(0);
    let ranAtMs: number | undefined;
    clock.startTimer(50, () => {
      ranAtMs = clock.now();
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ranAtMs).toBeUndefined();
    await clock.sleep(80);
    expect([ranAtMs, clock.now()]).toEqual([50, 80]);
  });
});

test("a request that waits gets the response of the request in flight, in their common time", async () => {
  const clock = testClock();
  const startedMs = clock.now();
  const handler = idempotent(
    async () => {
      await clock.sleep(500);
      return { statusCode: 201, body: "paid" };
    },
    {
      ...{ store: testStore({ clock }), clock, singleTenant: true, service: "payments" },
      profile: orzcash({ inFlight: { waitMs: 2_000 } }),
    },
  );
  const event = httpApiEvent({ key: "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9" }) as never;
  const responses = await Promise.all([1, 2].map(() => handler(event, testContext({ clock }))));
  expect(responses).toMatchObject([
    { statusCode: 201, body: "paid" },
    { statusCode: 201, body: "paid", headers: { "Idempotent-Replayed": "true" } },
  ]);
  expect(clock.now() - startedMs).toBeLessThan(2_000);
});

test("the signal of a handler is aborted shortly before the end of its invocation", async () => {
  const clock = testClock();
  const handler = idempotent(
    async (_event: unknown, { idempotency }) => {
      await clock.sleep(2_500);
      return { statusCode: 500, body: String(idempotency.signal.aborted) };
    },
    { store: testStore({ clock }), clock, singleTenant: true, service: "payments" },
  );
  const response = await handler(
    httpApiEvent({ key: "k" }),
    testContext({ clock, remainingMs: 3_000 }),
  );
  expect(response).toMatchObject({ body: "true" });
});
