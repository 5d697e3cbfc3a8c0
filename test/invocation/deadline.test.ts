import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import {
  type IdempotencyContext,
  idempotent,
  memoryStore,
  orzcash,
  StoreError,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { Observation } from "../../lib/observe.ts";
import { systemClock } from "../../lib/protocol/clock.ts";
import { manualClock } from "../support/clock.ts";
import { httpApiEvent } from "../support/events.ts";
import type { Answer } from "../support/service.ts";

type Call = (event: unknown, context: object) => Promise<Answer>;
type Context = { readonly idempotency: IdempotencyContext };

const REQUEST = httpApiEvent({ key: "k" });
const LATE = { getRemainingTimeInMillis: () => 1_000 };
const EARLY = { getRemainingTimeInMillis: () => 1_001 };

/** A clock whose timers are run by the test. */
function clockWithTimers() {
  const timers: { durationMs: number; run: () => void; isStopped: boolean }[] = [];
  const clock = {
    ...manualClock(),
    startTimer(durationMs: number, run: () => void) {
      const timer = { durationMs, run, isStopped: false };
      timers.push(timer);
      return () => {
        timer.isStopped = true;
      };
    },
  };
  return { clock, timers };
}

describe("near the end of an invocation the signal is aborted,", () => {
  /** A handler, in either form, that the test ends. */
  function service(form: "wrapper" | "middleware", remainingMs?: number) {
    const { clock, timers } = clockWithTimers();
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const work = async (_event: unknown, context: Context) => {
      signals.push(context.idempotency.signal);
      await end;
      return { statusCode: 201 };
    };
    const options = {
      store: memoryStore(),
      singleTenant: true,
      profile: orzcash(),
      clock,
    } as const;
    const handler =
      form === "wrapper"
        ? idempotent(work, options)
        : middy({ timeoutEarlyInMillis: 0 })
            .use(idempotency(options))
            .handler(work as never);
    const context =
      remainingMs === undefined ? {} : { getRemainingTimeInMillis: () => remainingMs };
    const key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    const call = (parts = { key }) => (handler as unknown as Call)(httpApiEvent(parts), context);
    return { call, timers, signals, end: resolve };
  }

  const ready = () => new Promise((next) => setImmediate(next));

  test.each<["wrapper" | "middleware", number, number]>([
    ["wrapper", 10_000, 9_000],
    ["wrapper", 1_000, 500],
    ["wrapper", 0, 0],
    ["wrapper", -5, 0],
    ["middleware", 10_000, 9_000],
  ])("in the %s, with %i ms left after %i ms", async (form, remainingMs, durationMs) => {
    const { call, timers, signals, end } = service(form, remainingMs);
    const answer = call();
    await ready();
    expect(timers).toMatchObject([{ durationMs, isStopped: false }]);
    expect(signals[0]?.aborted).toBe(false);
    timers[0]?.run();
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toMatchObject({ name: "TimeoutError" });
    end();
    await answer;
  });

  test("also for a request without a key", async () => {
    const { call, timers, signals, end } = service("wrapper", 10_000);
    const answer = call({} as never);
    await ready();
    timers[0]?.run();
    expect(signals[0]?.aborted).toBe(true);
    end();
    await answer;
  });

  test("but not if the remaining time is unknown", async () => {
    const { call, timers, end } = service("wrapper");
    const answer = call();
    await ready();
    expect(timers).toEqual([]);
    end();
    expect((await answer).statusCode).toBe(201);
  });

  test.each(["wrapper", "middleware"] as const)(
    "and not after the %s has responded",
    async (form) => {
      const { call, timers, end } = service(form, 10_000);
      end();
      await call();
      expect(timers).toMatchObject([{ isStopped: true }]);
      await call();
      expect(timers).toHaveLength(1);
    },
  );

  test("and not after the handler has thrown", async () => {
    const { clock, timers } = clockWithTimers();
    const options = { store: memoryStore(), singleTenant: true, clock } as const;
    const handler = idempotent(() => Promise.reject(new Error("it broke")), options);
    await expect(handler(REQUEST, EARLY)).rejects.toThrow("it broke");
    expect(timers).toMatchObject([{ isStopped: true }]);
  });

  test("but by Middy alone if Middy passes its own signal", async () => {
    const { clock, timers } = clockWithTimers();
    const options = { store: memoryStore(), singleTenant: true, clock } as const;
    const handler = middy(idempotent(async () => ({ statusCode: 201 }), options) as never);
    await (handler as unknown as Call)(REQUEST, EARLY);
    expect(timers).toEqual([]);
  });
});

test("the machine's timers call once, and not after a stop", async () => {
  const calls: string[] = [];
  const { promise: last, resolve } = Promise.withResolvers<void>();
  systemClock.startTimer?.(0, () => calls.push("stopped"))();
  systemClock.startTimer?.(0, () => calls.push("called"));
  systemClock.startTimer?.(1, resolve);
  const isKept = setTimeout(() => {}, 1_000);
  await last;
  clearTimeout(isKept);
  expect(calls).toEqual(["called"]);
});

describe("near the end of an invocation the middleware records no response that may be Middy's early one:", () => {
  function service(handler: (context: Context, run: number) => unknown, plugin: object = {}) {
    const observed: Observation[] = [];
    const clock = manualClock();
    const store = memoryStore();
    let runs = 0;
    const call = middy({ timeoutEarlyInMillis: 0, ...plugin })
      .use(
        idempotency({
          store,
          singleTenant: true,
          clock,
          observe: (observation) => observed.push(observation),
        }),
      )
      .handler((async (_event: unknown, context: Context) => {
        runs += 1;
        return handler(context, runs);
      }) as never) as unknown as Call;
    return {
      call,
      clock,
      observed,
      runs: () => runs,
      kinds: () => observed.map(({ kind }) => kind),
    };
  }

  test("a 202 in place of the handler's response is passed on, and the handler is told to stop", async () => {
    const { promise: wake, resolve } = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const { call, clock, observed } = service(
      async ({ idempotency: { signal } }, run) => {
        signals.push(signal);
        if (run === 1) await wake;
        return { statusCode: 201, body: `run ${run}` };
      },
      { timeoutEarlyInMillis: 5, timeoutEarlyResponse: () => ({ statusCode: 202 }) },
    );
    expect(await call(REQUEST, { getRemainingTimeInMillis: () => 20 })).toEqual({
      statusCode: 202,
    });
    expect(signals[0]?.aborted).toBe(true);
    expect(observed).toMatchObject([
      { kind: "claimed" },
      { kind: "left", message: expect.stringContaining("timeoutEarlyResponse") },
    ]);
    expect((await call(REQUEST, EARLY)).statusCode).toBe(409);
    clock.advance(2_000);
    expect((await call(REQUEST, { getRemainingTimeInMillis: () => 10_000 })).body).toBe("run 2");
    resolve();
  });

  test("a step that hangs is not waited for", async () => {
    const handler = middy({
      timeoutEarlyInMillis: 5,
      timeoutEarlyResponse: () => ({ statusCode: 202 }),
    })
      .use(idempotency({ store: memoryStore(), singleTenant: true, profile: orzcash() }))
      .handler((_event, context) =>
        context.idempotency.step("a", () => new Promise(() => {})),
      ) as unknown as Call;
    const event = httpApiEvent({ key: "8e03978e-40d5-43e8-bc93-6894a57f9324" });
    expect(await handler(event, { getRemainingTimeInMillis: () => 20 })).toEqual({
      statusCode: 202,
    });
  });

  test("a response that would not be recorded anyway needs no operator", async () => {
    const { call, observed } = service(() => ({ statusCode: 504 }));
    await call(REQUEST, LATE);
    expect(observed[1]).toEqual({
      kind: "left",
      recordId: expect.any(String),
      fence: expect.any(Number),
    });
  });

  test("a step that could not be recorded is reported to the client in place of any response", async () => {
    const store = {
      ...memoryStore(),
      checkpoint: () => Promise.reject(new StoreError("down", null)),
    };
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use(idempotency({ store, singleTenant: true, profile: orzcash(), observe: () => {} }))
      .handler(async (_event, context) => {
        await context.idempotency.step("a", () => undefined).catch(() => {});
        return { statusCode: 201 };
      }) as unknown as Call;
    const event = httpApiEvent({ key: "8e03978e-40d5-43e8-bc93-6894a57f9324" });
    expect((await handler(event, LATE)).statusCode).toBe(503);
  });

  test("a response from before that time is recorded", async () => {
    const { call, kinds } = service(() => ({ statusCode: 201 }));
    await call(REQUEST, EARLY);
    expect(kinds()).toEqual(["claimed", "completed"]);
  });

  test("a response that the handler has marked is the handler's own", async () => {
    const { call, kinds } = service(({ idempotency }) => idempotency.final({ statusCode: 201 }));
    await call(REQUEST, LATE);
    expect(kinds()).toEqual(["claimed", "completed"]);
  });

  test("an `after` that throws then does not cause the response to be recorded", async () => {
    const observed: Observation[] = [];
    const observe = (observation: Observation) => observed.push(observation);
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use(idempotency({ store: memoryStore(), singleTenant: true, observe }))
      .use({
        after: () => {
          throw new Error("it broke");
        },
      })
      .handler((async () => ({ statusCode: 202 })) as never) as unknown as Call;
    await expect(handler(REQUEST, LATE)).rejects.toThrow("it broke");
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "left"]);
  });

  test("an `after` in front of it that throws then changes nothing", async () => {
    const observed: Observation[] = [];
    const observe = (observation: Observation) => observed.push(observation);
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use({
        after: () => {
          throw new Error("it broke");
        },
      })
      .use(idempotency({ store: memoryStore(), singleTenant: true, observe }))
      .handler((async () => ({ statusCode: 202 })) as never) as unknown as Call;
    await expect(handler(REQUEST, LATE)).rejects.toThrow("it broke");
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "left"]);
  });

  test("in the wrapper the handler's own response is known, and recorded", async () => {
    const observed: Observation[] = [];
    const handler = middy(
      idempotent(async () => ({ statusCode: 201 }), {
        store: memoryStore(),
        singleTenant: true,
        observe: (observation) => observed.push(observation),
      }) as never,
    ) as unknown as Call;
    await handler(REQUEST, LATE);
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
  });
});
