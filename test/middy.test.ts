import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import {
  type IdempotencyContext,
  idempotent,
  memoryStore,
  orzcash,
  StoreError,
} from "../lib/index.ts";
import { idempotency } from "../lib/middy.ts";
import type { Observation } from "../lib/observe.ts";
import { manualClock } from "./support/clock.ts";
import { httpApiEvent } from "./support/events.ts";
import { type Answer, problemOf } from "./support/service.ts";

interface Context {
  getRemainingTimeInMillis?: () => number;
  idempotency?: IdempotencyContext;
}
type Call = (event: unknown, context?: Context) => Promise<Answer>;
type Middleware = Parameters<ReturnType<typeof middy>["use"]>[0];

/** Middy with our middleware between other middlewares, around a handler that counts its runs. */
function api(
  behaviour: (run: number, context: Context, options: { signal: AbortSignal }) => unknown,
  { outside = [], inside = [] }: { outside?: unknown[]; inside?: unknown[] } = {},
  plugin: Record<string, unknown> = {},
) {
  const clock = manualClock();
  const observed: Observation[] = [];
  let runs = 0;
  const ours = idempotency({
    store: memoryStore(),
    singleTenant: true,
    clock,
    observe: (observation) => observed.push(observation),
  });
  const handler = middy({ timeoutEarlyInMillis: 0, ...plugin })
    .use([...outside, ours, ...inside] as Middleware)
    .handler(async (_event: unknown, context: unknown, options: unknown) => {
      runs += 1;
      return behaviour(runs, context as Context, options as { signal: AbortSignal });
    });
  return {
    clock,
    observed,
    kinds: () => observed.map(({ kind }) => kind),
    runs: () => runs,
    call: ((event, context = { getRemainingTimeInMillis: () => 10_000 }) =>
      (handler as unknown as Call)(event, context)) as Call,
  };
}

const created = (run: number) => ({ statusCode: 201, body: `run ${run}` });
const request = () => httpApiEvent({ key: "k" });

describe("the middleware", () => {
  test("runs the handler once, and replays without running the middlewares inside it", async () => {
    const hooks: string[] = [];
    const noting = (name: string) => ({
      before: () => void hooks.push(`${name} before`),
      after: () => void hooks.push(`${name} after`),
    });
    const { call, runs } = api(created, { outside: [noting("outer")], inside: [noting("inner")] });
    await call(request());
    expect(hooks).toEqual(["outer before", "inner before", "inner after", "outer after"]);
    const replay = await call(request());
    expect(replay).toMatchObject({ statusCode: 201, body: "run 1" });
    expect(runs()).toBe(1);
    // A return from `before` skips the handler and every `after`.
    expect(hooks.slice(4)).toEqual(["outer before"]);
  });

  test("stores the response as the middlewares inside it have shaped it, and replays exactly that", async () => {
    const serialiser = {
      after: (run: { response: unknown }) => {
        run.response = { ...(run.response as object), headers: { "content-type": "text/plain" } };
      },
    };
    const { call } = api(created, { inside: [serialiser] });
    const first = await call(request());
    const replay = await call(request());
    expect(first.headers).toEqual({ "content-type": "text/plain" });
    expect(replay.headers).toEqual({ ...first.headers, "Idempotent-Replayed": "true" });
  });

  test("keeps the fingerprint of the event as it came in, when a body parser changes the event later", async () => {
    const parser = {
      before: (run: { event: { body: unknown } }) => {
        run.event.body = JSON.parse(run.event.body as string);
      },
    };
    const { call, runs } = api(created, { inside: [parser] });
    await call(request());
    expect(await call(request())).toMatchObject({ statusCode: 201 });
    expect(runs()).toBe(1);
  });

  test("responds 200 and null, the first time and again, when the handler returns undefined", async () => {
    const { call, runs } = api(() => undefined);
    expect(await call(request())).toMatchObject({ statusCode: 200, body: "null" });
    expect(await call(request())).toMatchObject({ statusCode: 200, body: "null" });
    expect(runs()).toBe(1);
  });

  test("leaves a request that can be copied, with its response and its error", async () => {
    const copies: object[] = [];
    const copying = (run: object) => void copies.push({ ...run });
    const failing = {
      after() {
        throw new Error("it broke");
      },
    };
    const { call } = api(created, { inside: [failing, { after: copying, onError: copying }] });
    await expect(call(request())).rejects.toThrow("it broke");
    expect(copies).toMatchObject([{ response: created(1) }, { error: new Error("it broke") }]);
  });

  test("has settled once, also where a hook in front of it throws after that", async () => {
    const failing = {
      after() {
        throw new Error("it broke");
      },
    };
    const { call, kinds } = api(created, { outside: [failing] });
    await expect(call(request())).rejects.toThrow("it broke");
    expect(kinds()).toEqual(["claimed", "completed"]);
  });

  test("gives way once, also where a hook in front of it throws after that", async () => {
    const store = memoryStore();
    const checkpoint = () => Promise.reject(new StoreError("no answer", undefined));
    const kinds: string[] = [];
    const failing = {
      after() {
        throw new Error("it broke");
      },
    };
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use([
        failing,
        idempotency({
          store: { ...store, checkpoint },
          singleTenant: true,
          profile: orzcash(),
          observe: ({ kind }) => kinds.push(kind),
        }),
      ] as Middleware)
      .handler(async (_event: unknown, context: Context) => {
        await context.idempotency?.step("a", () => undefined).catch(() => {});
        return created(1);
      }) as unknown as Call;
    const answer = await handler(httpApiEvent({}), { getRemainingTimeInMillis: () => 10_000 });
    expect(answer.statusCode).toBe(503);
    expect(kinds).toEqual(["claimed", "refused", "released"]);
  });

  test("changes nothing afterwards if its `before` has not run", async () => {
    const { after, onError } = idempotency({ store: memoryStore(), singleTenant: true });
    const run = { response: created(1), error: new Error("it broke") };
    await after?.(run as never);
    await onError?.(run as never);
    expect(run.response).toEqual(created(1));
  });

  test("gives the handler its context", async () => {
    const ended: unknown[] = [];
    const requestEnd = (run: { context: Context }) => void ended.push(run.context.idempotency);
    const { call } = api(
      (_run, context) => {
        expect(context.idempotency).toMatchObject({ key: "k", isReplay: false });
        return { statusCode: 201 };
      },
      {},
      { requestEnd },
    );
    await call(request());
    await call(request());
    expect(ended).toMatchObject([
      { key: "k", isReplay: false },
      { key: "k", isReplay: true },
    ]);
  });

  test("keeps several invocations in one process apart", async () => {
    const gates = new Map<string, () => void>();
    const { call, runs } = api(async (_run, context) => {
      const key = context.idempotency?.key ?? "";
      await new Promise<void>((resolve) => gates.set(key, resolve));
      return { statusCode: 201, body: key };
    });
    const calls = ["a", "b", "c"].map((key) => call(httpApiEvent({ key })));
    while (gates.size < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const key of ["c", "a", "b"]) gates.get(key)?.();
    expect((await Promise.all(calls)).map(({ body }) => body)).toEqual(["a", "b", "c"]);
    for (const key of ["a", "b", "c"]) expect((await call(httpApiEvent({ key }))).body).toBe(key);
    expect(runs()).toBe(3);
  });
});

test("a rejection frees the key, however a hook changes it; another response does not", async () => {
  const shaping = {
    after: (run: { response: unknown }) => {
      run.response = { ...(run.response as object), headers: {} };
    },
  };
  const rejecting = api((_run, context) => context.idempotency?.reject({ statusCode: 422 }), {
    inside: [shaping],
  });
  await rejecting.call(request());
  expect(rejecting.kinds()).toEqual(["claimed", "freed"]);

  const changing = api(
    (run, context) => {
      context.idempotency?.reject({ statusCode: 422 });
      return created(run);
    },
    { inside: [shaping] },
  );
  await changing.call(request());
  expect(changing.kinds()).toEqual(["claimed", "completed"]);
});

describe("when code throws,", () => {
  test("an error of the handler releases the claim and goes on unchanged", async () => {
    const crash = new Error("the bank is down");
    const { call, kinds } = api((run) => {
      if (run === 1) throw crash;
      return created(run);
    });
    await expect(call(request())).rejects.toBe(crash);
    expect(kinds()).toEqual(["claimed", "released"]);
    expect((await call(request())).body).toBe("run 2");
  });

  test("an HTTP error of a validator inside it frees the key", async () => {
    const invalid = Object.assign(new Error("invalid"), { statusCode: 400 });
    const validator = {
      before: () => {
        throw invalid;
      },
    };
    const { call, kinds, runs } = api(created, { inside: [validator] });
    await expect(call(request())).rejects.toBe(invalid);
    expect(kinds()).toEqual(["claimed", "freed"]);
    expect(runs()).toBe(0);
  });

  test("an error handler inside it does not hide from it that the handler threw", async () => {
    const toResponse = {
      onError: (run: { response: unknown }) => {
        run.response = { statusCode: 500 };
      },
    };
    const { call, kinds } = api(
      () => {
        throw new Error("crash");
      },
      { inside: [toResponse] },
    );
    expect((await call(request())).statusCode).toBe(500);
    expect(kinds()).toEqual(["claimed", "released"]);
  });

  test("after an error in front of it nothing is claimed, and the error goes on", async () => {
    const unauthorised = Object.assign(new Error("who are you?"), { statusCode: 401 });
    const authenticate = {
      before: () => {
        throw unauthorised;
      },
    };
    const { call, observed } = api(created, { outside: [authenticate] });
    await expect(call(request())).rejects.toBe(unauthorised);
    expect(observed).toEqual([]);
  });

  test.each(["outside", "inside"] as const)(
    "an `after` %s it that throws does not make the handler run again",
    async (where) => {
      let failures = 0;
      const broken = {
        after: () => {
          failures += 1;
          if (failures === 1) throw new Error("the CORS middleware is broken");
        },
      };
      const { call, runs, kinds } = api(created, { [where]: [broken] });
      await expect(call(request())).rejects.toThrow("CORS");
      expect(kinds()).toEqual(["claimed", "completed"]);
      expect(await call(request())).toMatchObject({ statusCode: 201, body: "run 1" });
      expect(runs()).toBe(1);
    },
  );

  test.each(["outside", "inside"] as const)(
    "an `after` %s it that throws a 4xx does not deny the recorded response",
    async (where) => {
      const invalid = Object.assign(new Error("invalid response"), { statusCode: 400 });
      const validate = { after: () => Promise.reject(invalid) };
      const { call, runs } = api(created, { [where]: [validate] });
      expect(await call(request())).toEqual(created(1));
      expect(await call(request())).toMatchObject(created(1));
      expect(runs()).toBe(1);
    },
  );

  test("an `after` that throws a 4xx is not overruled if no response is recorded", async () => {
    const invalid = Object.assign(new Error("invalid response"), { statusCode: 400 });
    const validate = { after: () => Promise.reject(invalid) };
    const { call, kinds } = api(() => ({ statusCode: 503 }), { inside: [validate] });
    await expect(call(request())).rejects.toBe(invalid);
    expect(kinds()).toEqual(["claimed", "released"]);
  });

  test("an `after` inside it that throws causes no second run either when the handler returned undefined", async () => {
    const broken = {
      after: () => {
        throw new Error("nothing to serialise");
      },
    };
    const { call, runs } = api(() => undefined, { inside: [broken] });
    await expect(call(request())).rejects.toThrow("nothing to serialise");
    expect((await call(request())).statusCode).toBe(200);
    expect(runs()).toBe(1);
  });

  test("it never responds to an error itself, and never replaces it", async () => {
    const crash = new Error("crash");
    const store = { ...memoryStore(), release: () => Promise.reject(new Error("store down")) };
    const handler = middy()
      .use(idempotency({ store, singleTenant: true, observe: () => {} }))
      .handler(() => {
        throw crash;
      });
    await expect((handler as unknown as Call)(request(), {})).rejects.toBe(crash);
  });
});

describe("when another middleware responds early,", () => {
  test("in front of it, nothing is claimed", async () => {
    const cache = { before: () => ({ statusCode: 304 }) };
    const { call, observed } = api(created, { outside: [cache] });
    expect((await call(request())).statusCode).toBe(304);
    expect(observed).toEqual([]);
  });

  test("behind it, the claim ends with its lease, and the handler can run then", async () => {
    let early = true;
    const cache = { before: () => (early ? { statusCode: 304 } : undefined) };
    const { call, clock, runs } = api(created, { inside: [cache] });
    expect((await call(request())).statusCode).toBe(304);
    early = false;
    expect(problemOf(await call(request())).code).toBe("request_in_flight");
    clock.advance(11_000);
    expect((await call(request())).statusCode).toBe(201);
    expect(runs()).toBe(1);
  });
});

describe("when a hook behind it returns a value, Middy stops there and calls no other hook:", () => {
  test.each<[string, object]>([
    ["an `after` that responds", { after: () => ({ statusCode: 201, body: "shaped" }) }],
    [
      "an `onError` that responds for an `after`",
      {
        after: () => {
          throw new Error("broken");
        },
        onError: () => ({ statusCode: 500 }),
      },
    ],
  ])("%s leaves the claim to its lease", async (_what, hooks) => {
    const { call, kinds } = api(created, { inside: [hooks] });
    await call(request());
    expect(kinds()).toEqual(["claimed"]);
    expect(problemOf(await call(request())).code).toBe("request_in_flight");
  });

  test("in the wrapper the claim is settled before any hook runs", async () => {
    let runs = 0;
    const handler = middy(
      idempotent(async () => ({ statusCode: 201, body: `run ${++runs}` }), {
        store: memoryStore(),
        singleTenant: true,
      }),
    ).use({ after: () => ({ statusCode: 201, body: "shaped" }) }) as unknown as Call;
    await handler(request(), {});
    await handler(request(), {});
    expect(runs).toBe(1);
  });
});

describe("when Middy gives up waiting, shortly before Lambda's time-out,", () => {
  /** A handler that goes on after Middy has responded, as in a thawed environment. */
  function zombie(plugin: Record<string, unknown> = {}) {
    const { promise: wake, resolve } = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const service = api(
      async (run, context) => {
        if (context.idempotency) signals.push(context.idempotency.signal);
        if (run === 1) await wake;
        return created(run);
      },
      {},
      { timeoutEarlyInMillis: 5, ...plugin },
    );
    const timedOut = service.call(request(), { getRemainingTimeInMillis: () => 20 });
    return { ...service, timedOut, wake: resolve, signals };
  }

  test("the claim is left to its lease, because the handler is still running", async () => {
    const { timedOut, call, clock, kinds, wake, signals } = zombie();
    await expect(timedOut).rejects.toThrow("aborted");
    expect(kinds()).toEqual(["claimed", "left"]);
    expect(signals[0]?.aborted).toBe(true);
    expect(problemOf(await call(request())).code).toBe("request_in_flight");
    clock.advance(11_000);
    expect((await call(request())).body).toBe("run 2");
    wake();
    expect((await call(request())).body).toBe("run 2");
  });

  test("a step that hangs is not waited for", async () => {
    const handler = middy({ timeoutEarlyInMillis: 5 })
      .use(idempotency({ store: memoryStore(), singleTenant: true, profile: orzcash() }))
      .handler((_event, context) =>
        context.idempotency.step("a", () => new Promise(() => {})),
      ) as unknown as Call;
    const timedOut = handler(httpApiEvent({}), { getRemainingTimeInMillis: () => 20 });
    await expect(timedOut).rejects.toThrow("aborted");
  });

  test("a response in place of the handler's does not release the claim either", async () => {
    const { timedOut, kinds, wake } = zombie({ timeoutEarlyResponse: () => ({ statusCode: 504 }) });
    expect((await timedOut).statusCode).toBe(504);
    expect(kinds()).toEqual(["claimed", "left"]);
    wake();
  });
});

describe("middy(idempotent(handler))", () => {
  test("runs every hook on first responses and on replays, so both are shaped alike", async () => {
    let runs = 0;
    const cors = {
      after: (run: { response: unknown }) => {
        const { headers, ...response } = run.response as { headers?: object };
        run.response = { ...response, headers: { ...headers, "access-control-allow-origin": "*" } };
      },
    };
    const handler = middy(
      idempotent(async () => ({ statusCode: 201, body: `run ${++runs}` }), {
        store: memoryStore(),
        singleTenant: true,
      }),
    ).use(cors as Middleware) as unknown as Call;
    const context = () => ({ getRemainingTimeInMillis: () => 10_000 });
    const first = await handler(request(), context());
    const replay = await handler(request(), context());
    expect(first.headers).toEqual({ "access-control-allow-origin": "*" });
    expect(replay).toMatchObject({ body: "run 1", headers: first.headers ?? {} });
    expect(runs).toBe(1);
  });

  test("a handler on which Middy gave up still records its response, if it ends as the owner", async () => {
    const { promise: wake, resolve } = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    let runs = 0;
    const handler = middy(
      idempotent(
        async (_event: unknown, context: { idempotency: IdempotencyContext }) => {
          runs += 1;
          signals.push(context.idempotency.signal);
          await wake;
          return { statusCode: 201, body: `run ${runs}` };
        },
        { store: memoryStore(), singleTenant: true },
      ) as never,
      { timeoutEarlyInMillis: 5 },
    ) as unknown as Call;
    await expect(handler(request(), { getRemainingTimeInMillis: () => 20 })).rejects.toThrow();
    expect(signals[0]?.aborted).toBe(true);
    resolve();
    await new Promise((next) => setImmediate(next));
    expect((await handler(request(), {})).body).toBe("run 1");
    expect(runs).toBe(1);
  });
});
