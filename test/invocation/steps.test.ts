import { describe, expect, test } from "@jest/globals";
import { dwolla, memoryStore, orzcash, type Store } from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, type Service, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const REQUEST = httpApiEvent({ key: KEY });
const DONE = { statusCode: 201, body: "done" };

/** A handler in steps, which counts each step. It dies once, before the named step. */
function inSteps(names: readonly string[], counts: Record<string, number> = {}) {
  let diesBefore: string | undefined;
  const keys: string[] = [];
  const behaviour: Behaviour = async ({ context: { idempotency } }) => {
    for (const name of names) {
      if (name === diesBefore) {
        diesBefore = undefined;
        throw new Error("the process dies");
      }
      await idempotency.step(name, ({ downstreamKey }) => {
        counts[name] = (counts[name] ?? 0) + 1;
        keys.push(downstreamKey);
      });
    }
    return DONE;
  };
  const dieBefore = (name: string) => {
    diesBefore = name;
  };
  return { behaviour, counts, keys, dieBefore };
}

function resumable(behaviour: Behaviour, store: Store = memoryStore()): Service {
  return serviceOf(behaviour, { store, profile: orzcash() });
}

test.each(["b", "c"])("a recorded step does not run again: died before %s", async (name) => {
  const { behaviour, counts, dieBefore } = inSteps(["a", "b", "c"]);
  const { call } = resumable(behaviour);
  dieBefore(name);
  await expect(call(REQUEST)).rejects.toThrow("the process dies");
  expect(await call(REQUEST)).toMatchObject(DONE);
  expect(counts).toEqual({ a: 1, b: 1, c: 1 });
});

test("the result of a step is as its JSON text says it, on the first execution and on later ones", async () => {
  const seen: unknown[] = [];
  const { call } = resumable(async ({ count, context: { idempotency } }) => {
    seen.push(await idempotency.step("a", () => ({ at: new Date(0), none: undefined })));
    seen.push(await idempotency.step("b", () => undefined));
    if (count === 1) throw new Error("the process dies");
    return DONE;
  });
  await expect(call(REQUEST)).rejects.toThrow();
  await call(REQUEST);
  const a = { at: "1970-01-01T00:00:00.000Z" };
  expect(seen).toEqual([a, undefined, a, undefined]);
});

test("a step's downstream key is the same on every attempt, and different for each step and request", async () => {
  const { behaviour, keys } = inSteps(["a", "b"]);
  const failing: Behaviour = async (run) => {
    await behaviour(run);
    // The step "c" begins, and is never recorded.
    await run.context.idempotency.step("c", ({ downstreamKey }) => {
      keys.push(downstreamKey);
      if (keys.length < 5) throw new Error("no answer");
    });
    return DONE;
  };
  const { call, clock } = resumable(failing);
  await expect(call(REQUEST)).rejects.toThrow("no answer");
  await expect(call(REQUEST)).rejects.toThrow("no answer");
  await call(REQUEST);
  const [a, b, c, ...again] = keys;
  expect(again).toEqual([c, c]);
  expect(new Set([a, b, c]).size).toBe(3);
  // The client's own key is not given away.
  for (const key of keys) expect(key).not.toContain(KEY);
  clock.advance(25 * 60 * 60 * 1000);
  await call(REQUEST);
  expect(new Set(keys).size).toBe(6);
});

describe("a program that has changed since the request began", () => {
  test.each([
    [["a", "x", "c"], '"b" as step 2', '"x"'],
    [["b", "a", "c"], '"a" as step 1', '"b"'],
    [["a"], '"b" as step 2', "its end"],
  ])("asks for %j, gets an error that names both, and does nothing", async (names, ...told) => {
    const store = memoryStore();
    const old = inSteps(["a", "b", "c"]);
    const { call, clock } = resumable(old.behaviour, store);
    old.dieBefore("c");
    await expect(call(REQUEST)).rejects.toThrow("the process dies");

    const changed = inSteps(names);
    const next = serviceOf(changed.behaviour, { store, clock, profile: orzcash() });
    const failure = await next.call(REQUEST).catch((error) => error);
    expect(failure.name).toBe("IdempotencyStepError");
    for (const text of told) expect(failure.message).toContain(text);
    expect(changed.counts).toEqual({});
    // Nothing is lost: the former program goes on.
    expect(await call(REQUEST)).toMatchObject(DONE);
    expect(old.counts).toEqual({ a: 1, b: 1, c: 1 });
  });
});

describe("step() refuses", () => {
  test.each<[string, Behaviour, string]>([
    [
      "a second step while one is running",
      async ({ context: { idempotency } }) => {
        const first = idempotency.step("a", () => undefined);
        await idempotency.step("b", () => undefined).finally(() => first);
      },
      'while "a" is running',
    ],
    [
      "a name that was used before",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => undefined);
        await idempotency.step("a", () => undefined);
      },
      '"a" was done before',
    ],
    [
      "an empty name",
      ({ context: { idempotency } }) => idempotency.step("", () => undefined),
      'the name is ""',
    ],
    [
      "a result without a JSON text",
      ({ context: { idempotency } }) => idempotency.step("a", () => 1n),
      "has no JSON text",
    ],
    [
      "a result that would fill the record",
      ({ context: { idempotency } }) => idempotency.step("a", () => "x".repeat(200_000)),
      "the most is 200000",
    ],
  ])("%s", async (_name, behaviour, message) => {
    const { call } = resumable(behaviour);
    await expect(call(REQUEST)).rejects.toMatchObject({
      name: "IdempotencyStepError",
      message: expect.stringContaining(message),
    });
  });

  test("a profile that does not resume, because the step would be forgotten", async () => {
    const { call } = serviceOf(
      ({ context: { idempotency } }) => idempotency.step("a", () => undefined),
      { profile: dwolla() },
    );
    await expect(call(REQUEST)).rejects.toThrow("step() needs a profile that resumes");
  });
});

test("a request that has begun is not freed: reject() behind a step is an error", async () => {
  const { call } = resumable(async ({ context: { idempotency } }) => {
    await idempotency.step("a", () => undefined);
    return idempotency.reject({ statusCode: 422 });
  });
  await expect(call(REQUEST)).rejects.toThrow("so it has begun");
});

test("a 4xx thrown behind a step is the final response, and another payload stays a mismatch", async () => {
  const counts = { a: 0 };
  const { call } = resumable(async ({ count, context: { idempotency } }) => {
    await idempotency.step("a", () => {
      counts.a += 1;
    });
    if (count === 1) throw Object.assign(new Error("conflict"), { statusCode: 409 });
    return DONE;
  });
  await expect(call(REQUEST)).rejects.toThrow("conflict");
  const other = await call(httpApiEvent({ key: KEY, body: '{"amountMinor":1}' }));
  expect(problemOf(other).code).toBe("payload_mismatch");
  expect(await call(REQUEST)).toMatchObject({ statusCode: 409, body: "conflict" });
  expect(counts).toEqual({ a: 1 });
});

test.each([401, 403, 407, 408, 425, 429])(
  "a %i thrown behind a step is resumed",
  async (statusCode) => {
    const { call } = resumable(async ({ count, context: { idempotency } }) => {
      await idempotency.step("a", () => undefined);
      if (count === 1) throw Object.assign(new Error("not now"), { statusCode });
      return DONE;
    });
    await expect(call(REQUEST)).rejects.toThrow("not now");
    expect(await call(REQUEST)).toMatchObject(DONE);
  },
);

test("before its first step a request that resumes has no downstream key: no mark says that it began", async () => {
  const keys: string[] = [];
  const { call } = resumable(async ({ context: { idempotency } }) => {
    expect(() => idempotency.downstreamKey("charge")).toThrow("in a step");
    await idempotency.step("a", () => undefined);
    keys.push(idempotency.downstreamKey("charge"));
    return DONE;
  });
  expect(await call(REQUEST)).toMatchObject(DONE);
  expect(keys).toHaveLength(1);
});

test("a 5xx is resumed, unless the handler marks it final", async () => {
  const { call, runs } = resumable(({ count, context: { idempotency } }) => {
    const failure = { statusCode: 500, body: `attempt ${count}` };
    return count === 1 ? failure : idempotency.final(failure);
  });
  expect((await call(REQUEST)).body).toBe("attempt 1");
  expect((await call(REQUEST)).body).toBe("attempt 2");
  expect((await call(REQUEST)).body).toBe("attempt 2");
  expect(runs()).toBe(2);
});

test.each([
  ["", false],
  [", also where its handler goes on", true],
])("an execution that was replaced records no step, and runs none%s", async (_how, goesOn) => {
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const reached: string[] = [];
  const { call, clock } = resumable(async ({ count, context: { idempotency } }) => {
    const first = idempotency.step("a", async () => {
      if (count > 1) return;
      asleep.resolve();
      await awake.promise;
    });
    await first.catch((error) => {
      failures.push(error.name);
      if (!goesOn) throw error;
    });
    reached.push(`behind a, execution ${count}`);
    await idempotency.step("b", () => void reached.push(`b, execution ${count}`));
    return { statusCode: 201, body: `execution ${count}` };
  });
  const stale = call(REQUEST);
  await asleep.promise;
  clock.advance(12_000);
  expect((await call(REQUEST)).body).toBe("execution 2");
  awake.resolve();
  expect((await stale).body).toBe("execution 2");
  expect(failures).toEqual(["IdempotencyStepInterrupted"]);
  expect(reached).toEqual([
    "behind a, execution 2",
    "b, execution 2",
    ...(goesOn ? ["behind a, execution 1"] : []),
  ]);
});

test.each<[string, Behaviour]>([
  [
    "while a step is running",
    ({ context: { idempotency } }) => {
      void idempotency.step("a", () => undefined);
      return idempotency.reject({ statusCode: 422 });
    },
  ],
  [
    "after a step has failed",
    async ({ context: { idempotency } }) => {
      await idempotency.step("a", () => Promise.reject(new Error("no answer"))).catch(() => {});
      return idempotency.reject({ statusCode: 422 });
    },
  ],
  [
    "before a recorded step is asked for",
    async ({ count, context: { idempotency } }) => {
      if (count > 1) return idempotency.reject({ statusCode: 422 });
      await idempotency.step("a", () => undefined);
      throw new Error("it dies");
    },
  ],
])("a request with a step that has begun is not rejected: %s", async (_when, behaviour) => {
  const { call } = resumable(behaviour);
  await call(REQUEST).catch(() => {});
  await expect(call(REQUEST)).rejects.toThrow("to free its key would repeat the step");
});

test("the layer waits for a step that its handler did not await, and its failure is the request's", async () => {
  const { call } = resumable(({ context: { idempotency } }) => {
    void idempotency.step("a", () => Promise.reject(new Error("no answer"))).catch(() => {});
    return DONE;
  });
  await expect(call(REQUEST)).rejects.toThrow("no answer");
  await expect(call(REQUEST)).rejects.toThrow("no answer");
});

test("without a key the steps still have a record, and each request runs them", async () => {
  const { behaviour, counts } = inSteps(["a", "b"]);
  const { call } = resumable(behaviour);
  await call(httpApiEvent());
  await call(httpApiEvent());
  expect(counts).toEqual({ a: 2, b: 2 });
});

test("a request that is not complete does not expire", async () => {
  const { behaviour, counts, dieBefore } = inSteps(["a", "b"]);
  const { call, clock } = resumable(behaviour);
  dieBefore("b");
  await expect(call(REQUEST)).rejects.toThrow();
  clock.advance(400 * 24 * 60 * 60 * 1000);
  await call(REQUEST);
  expect(counts).toEqual({ a: 1, b: 1 });
});
