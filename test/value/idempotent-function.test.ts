import { describe, expect, test } from "@jest/globals";
import {
  defaultOutcome,
  type IdempotencyRefused,
  idempotent,
  idempotentFunction,
  isIdempotencyRefused,
  memoryStore,
  queue,
  task,
  tool,
} from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { functionOf, type Order } from "./call.ts";

const ORDER = { id: "order-1", amount: 100 };

/** The refusal of a call, or a failure of the test. */
async function refusalOf(call: Promise<unknown>): Promise<IdempotencyRefused> {
  try {
    await call;
  } catch (error) {
    if (isIdempotencyRefused(error)) return error;
    throw error;
  }
  throw new Error("The call was not refused.");
}

describe("a repeat of a call", () => {
  test("gets the first result, and the function runs once", async () => {
    const { call, runs } = functionOf(({ count }) => ({ paymentId: count }));
    expect(await call(ORDER)).toEqual({ paymentId: 1 });
    expect(await call({ amount: 100, id: "order-1" })).toEqual({ paymentId: 1 });
    expect(runs()).toBe(1);
  });

  test("gets the result as its JSON text says it, and so does the first call", async () => {
    const at = new Date(0);
    const { call } = functionOf(() => ({ at, none: undefined, list: [undefined] }));
    const expected = { at: "1970-01-01T00:00:00.000Z", list: [null] };
    expect(await call(ORDER)).toStrictEqual(expected);
    expect(await call(ORDER)).toStrictEqual(expected);
  });

  test.each([undefined, null, 0, "", false, "text", []])(
    "may get %j as a result",
    async (value) => {
      const { call, runs } = functionOf(() => value);
      expect(await call(ORDER)).toStrictEqual(value);
      expect(await call(ORDER)).toStrictEqual(value);
      expect(runs()).toBe(1);
    },
  );

  test("runs the function again after a day, when its record has ended", async () => {
    const { call, runs, clock } = functionOf(({ count }) => count);
    await call(ORDER);
    clock.advance(24 * 60 * 60 * 1000 + 1_000);
    expect(await call(ORDER)).toBe(2);
    expect(runs()).toBe(2);
  });

  test("gets no result under a contract without results, and does not run", async () => {
    const { call, runs, clock } = functionOf(() => ({ big: 1n }), { contract: queue() });
    expect(await call(ORDER)).toEqual({ big: 1n });
    clock.advance(31 * 24 * 60 * 60 * 1000);
    expect(await call(ORDER)).toBeUndefined();
    expect(runs()).toBe(1);
  });
});

describe("another input under the same key", () => {
  test("is refused for good, and does not run", async () => {
    const { call, runs } = functionOf(() => "paid");
    await call(ORDER);
    const refusal = await refusalOf(call({ ...ORDER, amount: 200 }));
    expect(refusal).toMatchObject({ code: "payload_mismatch", retryable: false, statusCode: 500 });
    expect(refusal.message).toContain("pay order: an earlier call used this key");
    expect(runs()).toBe(1);
  });

  test("is the same where the option same leaves the difference out", async () => {
    const { call, runs } = functionOf(() => "paid", { same: ({ id }) => id });
    await call(ORDER);
    expect(await call({ ...ORDER, amount: 200 })).toBe("paid");
    expect(runs()).toBe(1);
  });

  test("is compared as it was before the function changed it", async () => {
    const { call, runs } = functionOf(({ order }) => {
      (order as { amount: unknown }).amount = 0;
      return "paid";
    });
    await call({ ...ORDER });
    expect(await call({ ...ORDER })).toBe("paid");
    expect(runs()).toBe(1);
  });
});

describe("a call while the first one runs", () => {
  test("is refused, with the time until another may take over", async () => {
    const { call } = functionOf(async ({ order }) => {
      const refusal = await refusalOf(call(order));
      expect(refusal).toMatchObject({
        code: "request_in_flight",
        retryable: true,
        leaseLeftMs: 11_000,
      });
      return "paid";
    });
    expect(await call(ORDER)).toBe("paid");
  });

  test("waits for its result under the contract of a tool", async () => {
    let finish: (result: string) => void = () => {};
    const { call, runs } = functionOf(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      { contract: tool({ inFlight: { waitMs: 5_000 } }) },
    );
    const first = call(ORDER);
    const second = call(ORDER);
    while (runs() === 0) await new Promise((resolve) => setImmediate(resolve));
    finish("paid");
    expect([await first, await second]).toEqual(["paid", "paid"]);
    expect(runs()).toBe(1);
  });
});

describe("an error of the function", () => {
  test.each([
    ["a plain error", new Error("bank is down")],
    [
      "another service's 404, which says nothing of this function",
      Object.assign(new Error("no"), { statusCode: 404 }),
    ],
    ["a text", "bank is down"],
  ])("goes on unchanged, and the next call runs again: %s", async (_name, error) => {
    const { call, runs } = functionOf(({ count }) => {
      if (count === 1) throw error;
      return "paid";
    });
    await expect(call(ORDER)).rejects.toBe(error);
    const other = await refusalOf(call({ ...ORDER, amount: 200 }));
    expect(other.code).toBe("payload_mismatch");
    expect(await call(ORDER)).toBe("paid");
    expect(runs()).toBe(2);
  });

  test("repeats its name and message where the contract says that it is final", async () => {
    const outcome = task().outcome;
    const { call, runs } = functionOf(
      () => {
        throw new RangeError("closed for ever");
      },
      {
        contract: task({
          outcome: (ending) =>
            ending.kind === "threw" && ending.error instanceof RangeError
              ? "complete"
              : outcome(ending),
        }),
      },
    );
    await expect(call(ORDER)).rejects.toThrow(RangeError);
    await expect(call(ORDER)).rejects.toMatchObject({
      name: "RangeError",
      message: "closed for ever",
    });
    expect(runs()).toBe(1);
  });

  test("that it marks as a rejection frees the key for another input", async () => {
    const { call, runs } = functionOf(({ count, context }) => {
      if (count === 1) throw context.idempotency.reject(new Error("no such account"));
      return "paid";
    });
    await expect(call(ORDER)).rejects.toThrow("no such account");
    expect(await call({ ...ORDER, amount: 200 })).toBe("paid");
    expect(runs()).toBe(2);
  });

  test("that it marks as a rejection does not free a key that an earlier call may have acted under", async () => {
    const { call, clock, runs } = functionOf(({ count, context }) => {
      if (count === 1) return new Promise(() => {});
      if (count === 2) throw context.idempotency.reject(new Error("no such account"));
      return "paid";
    });
    void call(ORDER);
    while (runs() === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    await expect(call(ORDER)).rejects.toThrow("no such account");
    expect((await refusalOf(call({ ...ORDER, amount: 200 }))).code).toBe("payload_mismatch");
    expect(await call(ORDER)).toBe("paid");
  });

  test("that a wrapped HTTP handler lets pass keeps the handler's own key", async () => {
    const { call } = functionOf(() => "paid");
    await call(ORDER);
    const store = memoryStore();
    const handler = idempotent(async () => call({ ...ORDER, amount: 200 }) as never, {
      ...{ store, singleTenant: true, operation: "pay" },
      profile: { ...(await import("../../lib/index.ts")).ietf(), outcome: defaultOutcome },
    });
    const event = httpApiEvent({ key: "k" });
    await expect(handler(event, {})).rejects.toThrow("another input");
    const other = (await handler(httpApiEvent({ key: "k", body: "{}" }), {})) as {
      statusCode: number;
    };
    expect(other.statusCode).toBe(422);
  });
});

describe("a call is refused before the function runs", () => {
  test.each([undefined, null, ""])("without a key: %j", async (id) => {
    const { call, runs } = functionOf(() => "paid");
    expect(await refusalOf(call({ id }))).toMatchObject({ code: "key_missing", retryable: false });
    expect(runs()).toBe(0);
  });

  test.each([
    ["undefined", "undefined"],
    ["[object Object]", "[object Object]"],
    [Number.NaN, "NaN"],
    [" null ", " null "],
    [0.5, "0.5"],
    [2 ** 53, "9007199254740992"],
    [{}, "object"],
    ["\ud800", "\\\\ud800"],
  ])("with %j as a key", async (id, shown) => {
    const { call, runs } = functionOf(() => "paid");
    const refusal = await refusalOf(call({ id }));
    expect(refusal.code).toBe("key_malformed");
    expect(refusal.message).toMatch(new RegExp(shown.replaceAll(/[[\]]/g, "\\$&")));
    expect(runs()).toBe(0);
  });

  test("that is the id of its message is advised against", async () => {
    const { call, observed } = functionOf(() => "paid", {
      key: (order: object) => Object(order).messageId,
    });
    await call({ messageId: "m", eventSource: "aws:sqs", body: "{}" } as never);
    expect(observed).toContainEqual(expect.objectContaining({ code: "key_is_message_id" }));
  });

  test("with an input that has no JSON text", async () => {
    const cyclic: Record<string, unknown> = { id: "order-1" };
    cyclic.self = cyclic;
    const { call, runs } = functionOf(() => "paid");
    await expect(call(cyclic)).rejects.toThrow(
      /^pay order: the input has no JSON text: .*circular/,
    );
    await expect(call({ id: "order-1", amount: 1n })).rejects.toThrow(/BigInt.*option same/);
    expect(runs()).toBe(0);
  });
});

test.each(["exports/null/1.csv", "[1,2]", "a undefined b"])("%s is a key", async (id) => {
  const { call } = functionOf(() => "paid");
  expect(await call({ id })).toBe("paid");
});

test("a record of a queue that is given alone is not forgotten within a month", async () => {
  const { call, runs, clock } = functionOf(() => "paid", { key: () => "k" });
  const record = { eventSource: "aws:sqs", messageId: "m", body: "{}" };
  await call(record as never);
  clock.advance(27 * 24 * 60 * 60 * 1000);
  await call({ ...record, messageId: "n" } as never);
  expect(runs()).toBe(1);
});

test("a function may be given to map, with an index in the place of a context", async () => {
  const { call } = functionOf(({ order }) => order.id);
  expect(await Promise.all([{ id: "a" }, { id: "b" }].map(call as never))).toEqual(["a", "b"]);
});

test("7 and its text are one key", async () => {
  const { call, runs } = functionOf(() => "paid", { same: () => 1 });
  await call({ id: 7 });
  await call({ id: "7" });
  await call({ id: 7n });
  expect(runs()).toBe(1);
});

test("tenants, names and HTTP requests never share a record", async () => {
  const store = memoryStore();
  const ids = new Set<string>();
  const watched = {
    ...store,
    claim: (request: Parameters<typeof store.claim>[0]) => {
      ids.add(request.id);
      return store.claim(request);
    },
  };
  const tenants = functionOf(() => 1, {
    store: watched,
    singleTenant: undefined,
    tenant: ({ amount }: Order) => `t${amount}`,
    same: () => 1,
  } as never);
  await tenants.call({ id: "k", amount: 1 });
  await tenants.call({ id: "k", amount: 2 });
  await functionOf(() => 1, { store: watched, name: "other" }).call({ id: "k" });
  await functionOf(() => 1, { store: watched }).call({ id: "k" });
  await idempotent(async () => ({ statusCode: 200 }), {
    ...{ store: watched, singleTenant: true, operation: "pay order" },
  })(httpApiEvent({ key: "k" }), {});
  expect(ids.size).toBe(5);
});

describe("a result that has no JSON text", () => {
  test.each([
    ["a BigInt", { sum: 1n }, /cannot be kept: it has no JSON text \(.*BigInt/],
    ["a function", () => {}, /it is a function, which has no JSON text/],
  ])("is an error, and the function does not run again: %s", async (_name, result, message) => {
    const { call, runs, observed } = functionOf(() => result);
    await expect(call(ORDER)).rejects.toThrow(message);
    expect(await refusalOf(call(ORDER))).toMatchObject({
      code: "result_not_kept",
      retryable: false,
    });
    expect(runs()).toBe(1);
    expect(observed.map(({ kind }) => kind)).toContain("invalidResponse");
  });
});

test("a result too large for its record goes to the first call alone", async () => {
  const large = "x".repeat(400_000);
  const { call, runs, observed } = functionOf(() => large);
  expect(await call(ORDER)).toBe(large);
  const refusal = await refusalOf(call(ORDER));
  expect(refusal.message).toMatch(/could not be kept.*The reason: it has 400\d+ bytes/);
  expect(runs()).toBe(1);
  expect(observed.map(({ kind }) => kind)).toContain("bodyNotKept");
});

test("a record that another program has written is refused, and nothing runs", async () => {
  const store = memoryStore();
  const { call, runs } = functionOf(() => "paid", { store });
  await call(ORDER);
  for (const response of ["[]", "no JSON", '{"error":{}}', "7"]) {
    const foreign = {
      ...store,
      claim: async () => ({
        applied: false as const,
        record: { ...(await onlyRecord()), response },
      }),
    };
    const again = functionOf(() => "paid", { store: foreign as never });
    expect((await refusalOf(again.call(ORDER))).code).toBe("record_unreadable");
    expect(again.runs()).toBe(0);
  }
  expect(runs()).toBe(1);

  async function onlyRecord() {
    let id = "";
    const spy = {
      ...store,
      claim: (request: Parameters<typeof store.claim>[0]) => {
        id = request.id;
        return store.claim(request);
      },
    };
    await functionOf(() => "paid", { store: spy }).call(ORDER);
    return (await store.read(id)) as object;
  }
});

test("a function in work without a context is taken over after a quarter of an hour", async () => {
  const { call, clock, runs } = functionOf(({ count }) =>
    count === 1 ? new Promise(() => {}) : count,
  );
  void call(ORDER, {});
  while (runs() === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(900_000);
  expect((await refusalOf(call(ORDER, {}))).code).toBe("request_in_flight");
  clock.advance(2_000);
  expect(await call(ORDER, {})).toBe(2);
});

describe("the context of a call", () => {
  test("has the key, the fence, the tenant and a key for other services, the same on every attempt", async () => {
    const seen: unknown[] = [];
    const { call } = functionOf(({ count, context }) => {
      const { key, fence, tenant, downstreamKey, signal } = context.idempotency;
      seen.push([key, typeof fence, tenant, downstreamKey("pay"), signal.aborted]);
      if (count === 1) throw new Error("once more");
    });
    await expect(call({ id: 7 })).rejects.toThrow();
    await call({ id: 7 });
    expect(seen[0]).toEqual([
      "7",
      "number",
      undefined,
      expect.stringMatching(/^[\w-]{43}$/),
      false,
    ]);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("has steps that run once over all attempts, under a contract that resumes", async () => {
    let paid = 0;
    const { call } = functionOf(
      async ({ count, context }) => {
        await context.idempotency.step("pay", () => {
          paid += 1;
        });
        if (count === 1) throw new Error("once more");
        return "paid";
      },
      { contract: task({ interrupted: "resume" }) },
    );
    await expect(call(ORDER)).rejects.toThrow("once more");
    expect(await call(ORDER)).toBe("paid");
    expect(paid).toBe(1);
  });
});

describe("a mistake shows when the function is wrapped:", () => {
  const options = {
    store: memoryStore(),
    name: "pay",
    singleTenant: true as const,
    key: () => "k",
  };
  const wrap =
    (changes: object, run: unknown = async () => {}) =>
    () =>
      idempotentFunction(run as never, { ...options, ...changes } as never);

  test.each<[string, () => unknown, RegExp]>([
    ["no function", wrap({}, "run"), /the handler is string; expected a function/],
    [
      "a callback",
      wrap({}, (_a: unknown, _b: unknown, _c: unknown) => {}),
      /declares a third parameter/,
    ],
    [
      "no name",
      wrap({ name: undefined }),
      /^idempotentFunction: name is undefined; expected the name of the work/,
    ],
    ["no key", wrap({ key: "id" }), /key is 'id'; expected a function that returns the key/],
    ["a member of HTTP", wrap({ profile: {} }), /there is no option "profile"/],
    [
      "no tenant",
      wrap({ singleTenant: undefined }),
      /^idempotentFunction: neither tenant nor singleTenant/,
    ],
    [
      "claimAt commit without a store that commits",
      wrap({ claimAt: "commit" }),
      /needs a store that commits/,
    ],
    [
      "a contract with entities",
      wrap({ contract: { ...task(), completed: "entity" } }),
      /contract: completed is "entity"/,
    ],
    [
      "a contract for the completer",
      wrap({ contract: task({ abandoned: "complete" }) }),
      /abandoned is "complete", but a completer/,
    ],
    [
      "a contract that would forget",
      wrap({ contract: task({ interrupted: "refuse" }) }),
      /interrupted is "refuse"/,
    ],
    [
      "a contract that replays nothing",
      wrap({ contract: queue({ mismatch: "replay" }) }),
      /mismatch is "replay"/,
    ],
    [
      "a profile of HTTP",
      wrap({ contract: { ...task(), keyFrom: [] } }),
      /contract: there is no option "keyFrom"/,
    ],
    [
      "a retention of a minute",
      wrap({ contract: task({ retention: { seconds: 60, from: "claim" } }) }),
      /at least 3600/,
    ],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(message);
  });
});
