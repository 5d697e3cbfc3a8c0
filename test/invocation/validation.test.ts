import { describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import { completionEvent } from "../../lib/http/surface/completion-event.ts";
import {
  dwolla,
  type IdempotencyOptions,
  ietf,
  memoryStore,
  orzcash,
  type Store,
  StoreError,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import { albEvent, httpApiEvent, restApiEvent } from "../support/events.ts";
import {
  type Answer,
  type Behaviour,
  createTransfer,
  problemOf,
  serviceOf,
  type TestContext,
} from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };
const order = httpApiEvent({ key: KEY, body: `{"amount":1,"Idem":"${KEY}"}` });
const other = httpApiEvent({ key: KEY, body: `{"amount":2,"Idem":"${KEY}"}` });

const INVALID = { statusCode: 422, body: "the amount is too small" };
const refused = Object.assign(new Error("the amount is too small"), { statusCode: 422 });

type Options = Partial<IdempotencyOptions<unknown, TestContext>>;
type Validate = NonNullable<IdempotencyOptions["validate"]>;

/** The ways to refuse a request. */
const refuse: Validate = () => INVALID;
const refuseLater: Validate = async () => INVALID;
const fail: Validate = () => {
  throw refused;
};
const failLater: Validate = () => Promise.reject(refused);

/** A memory store, and the calls that it got. */
function watchedStore(changes: Partial<Store> = {}) {
  const store = { ...memoryStore(), ...changes };
  const asked: string[] = [];
  const claims: ClaimRequest[] = [];
  const watched: Store = {
    ...store,
    claim: (request, options) => {
      asked.push("claim");
      claims.push(request);
      return store.claim(request, options);
    },
    read: (id, options = {}) => {
      asked.push(`read, ${options.consistency ?? "strong"}`);
      return store.read(id, options);
    },
  };
  return { store: watched, asked, claims };
}

/** A service with rules that may change between two requests. */
function openService(
  { behaviour = createTransfer, ...options }: Options & { readonly behaviour?: Behaviour } = {},
  changes: Partial<Store> = {},
) {
  const { store, asked, claims } = watchedStore(changes);
  const seen: unknown[] = [];
  let rule: Validate = () => undefined;
  const service = serviceOf(behaviour, {
    store,
    profile: ietf(),
    validate: (event: unknown) => {
      seen.push(event);
      return rule(event);
    },
    ...options,
  } as Options);
  return {
    ...service,
    asked,
    claims,
    seen,
    tighten: (next: Validate) => {
      rule = next;
      asked.length = 0;
      seen.length = 0;
    },
  };
}

describe("a request that validate refuses", () => {
  test.each([
    ["at once", refuse],
    ["asynchronously", refuseLater],
  ])("%s gets the given response, after one consistent read", async (_how, rule) => {
    const { call, tighten, asked, runs, observed, seen } = openService();
    tighten(rule);
    expect(await call(order)).toEqual(INVALID);
    expect(asked).toEqual(["read, strong"]);
    expect(observed).toEqual([]);
    expect(seen).toEqual([order]);
    expect(runs()).toBe(0);
  });

  test.each([
    ["at once", fail],
    ["asynchronously", failLater],
  ])("by an error %s fails with that very error", async (_how, rule) => {
    const { call, tighten, asked, runs } = openService();
    tighten(rule);
    await expect(call(order)).rejects.toBe(refused);
    expect(asked).toEqual(["read, strong"]);
    expect(runs()).toBe(0);
  });

  test.each([
    ["a response", refuse],
    ["an error", fail],
  ])("with %s binds no key: another payload takes it afterwards", async (_how, rule) => {
    const { call, tighten, runs } = openService();
    tighten(rule);
    await call(order).catch(() => {});
    tighten(() => undefined);
    expect((await call(other)).headers?.location).toBe("/transfers/1");
    expect(problemOf(await call(order)).code).toBe("payload_mismatch");
    expect(runs()).toBe(1);
  });

  test("is validated again on a retry, and runs once the rules allow it", async () => {
    const { call, tighten, seen } = openService();
    tighten(refuse);
    await call(order);
    await call(order);
    expect(seen).toHaveLength(2);
    tighten(() => undefined);
    expect((await call(order)).statusCode).toBe(201);
  });

  test.each([
    ["dwolla", dwolla()],
    ["orzcash", orzcash()],
  ])("and has no key, under %s, costs no request to the store", async (_name, profile) => {
    const { call, tighten, asked, runs } = openService({ profile });
    tighten(refuse);
    const event = httpApiEvent();
    expect(await call(event)).toEqual(INVALID);
    tighten(fail);
    await expect(call(event)).rejects.toBe(refused);
    expect(asked).toEqual([]);
    expect(runs()).toBe(0);
  });

  test("gets the response in the form of its event", async () => {
    const { call, tighten } = openService();
    tighten(() => ({ statusCode: 422, cookies: ["a=1"], headers: { "x-rule": "amount" } }));
    expect(await call(restApiEvent({ key: KEY }))).toEqual({
      statusCode: 422,
      headers: { "x-rule": "amount" },
      multiValueHeaders: { "set-cookie": ["a=1"] },
    });
    expect(await call(albEvent({ key: KEY }, true))).toEqual({
      statusCode: 422,
      multiValueHeaders: { "x-rule": ["amount"], "set-cookie": ["a=1"] },
    });
  });

  test("whose key was freed before is refused", async () => {
    const { call, tighten } = openService({
      behaviour: ({ context }) => context.idempotency.reject({ statusCode: 409 }),
    });
    await call(order);
    tighten(refuse);
    expect(await call(order)).toEqual(INVALID);
  });

  test("whose record has expired is refused", async () => {
    const { call, tighten, clock } = openService();
    await call(order);
    clock.advance(25 * 60 * 60 * 1_000);
    tighten(refuse);
    expect(await call(order)).toEqual(INVALID);
  });
});

describe("validate runs", () => {
  test("before the claim, and a valid request costs no read", async () => {
    const { call, asked, seen } = openService();
    expect((await call(order)).statusCode).toBe(201);
    expect(seen).toEqual([order]);
    expect(asked).toEqual(["claim"]);
  });

  test("for a request without a key, if the profile lets it pass", async () => {
    const { call, seen, runs } = openService({ profile: dwolla() });
    await call(httpApiEvent());
    expect([seen.length, runs()]).toEqual([1, 1]);
  });

  test.each(["GET", "PUT", "OPTIONS"])(
    "never for %s, which the profile does not cover",
    async (method) => {
      const { call, tighten, seen, runs } = openService();
      tighten(refuse);
      expect((await call(httpApiEvent({ method, key: KEY }))).statusCode).toBe(201);
      expect([seen.length, runs()]).toEqual([0, 1]);
    },
  );

  test.each([
    ["missing", httpApiEvent(), "key_missing"],
    ["malformed", httpApiEvent({ key: "a b" }), "key_malformed"],
  ])("never for a key that is %s", async (_fault, event, code) => {
    const { call, seen } = openService();
    expect(problemOf(await call(event)).code).toBe(code);
    expect(seen).toEqual([]);
  });

  test("never for a repeat that this process remembers", async () => {
    const { call, tighten, seen, asked } = openService({ cache: {} });
    await call(order);
    tighten(refuse);
    expect((await call(order)).statusCode).toBe(201);
    expect([seen, asked]).toEqual([[], []]);
  });
});

describe("rules that were tightened since", () => {
  test.each([
    ["a response", refuse],
    ["an error", fail],
    ["an error that comes later", failLater],
  ])("do not deny a completed transfer by %s: the replay wins", async (_how, rule) => {
    const { call, tighten, asked, runs } = openService();
    const first = await call(order);
    tighten(rule);
    expect(await call(order)).toEqual({
      ...first,
      headers: { ...first.headers, "Idempotent-Replayed": "true" },
    });
    expect(asked).toEqual(["read, strong"]);
    expect(runs()).toBe(1);
  });

  test("do not hide that a request is complete, under a profile that does not replay", async () => {
    const { call, tighten } = openService({ profile: ietf({ completed: "refuse" }) });
    await call(order);
    tighten(refuse);
    expect(problemOf(await call(order)).code).toBe("already_completed");
  });

  test("do not hide a mismatch", async () => {
    const { call, tighten, runs } = openService();
    await call(order);
    tighten(refuse);
    expect(problemOf(await call(other)).code).toBe("payload_mismatch");
    expect(runs()).toBe(1);
  });

  test("do not hide a request in flight", async () => {
    const { call, tighten, runs, asked } = openService({
      behaviour: () => new Promise(() => {}),
    });
    void call(order);
    while (runs() === 0) await new Promise(setImmediate);
    tighten(refuse);
    expect(problemOf(await call(order)).code).toBe("request_in_flight");
    expect(asked).toEqual(["read, strong"]);
  });

  test("let a repeat wait for the request in flight, if the profile does", async () => {
    let finish = () => {};
    const { call, tighten, runs, clock } = openService({
      profile: ietf({ inFlight: { waitMs: 2_000 } }),
      behaviour: () => new Promise((resolve) => (finish = () => resolve({ statusCode: 201 }))),
    });
    const first = call(order);
    while (runs() === 0) await new Promise(setImmediate);
    tighten(refuse);
    const startMs = clock.now();
    const repeat = call(order);
    while (clock.now() === startMs) await new Promise(setImmediate);
    finish();
    await first;
    expect(await repeat).toMatchObject({ statusCode: 201 });
    expect(runs()).toBe(1);
  });

  test("do not hide that an outcome is unknown", async () => {
    const store = memoryStore();
    const unknown = async (id: string): Promise<IdempotencyRecord | undefined> => {
      const found = await store.read(id);
      if (found === undefined) return undefined;
      const { owner, fence, fingerprint } = found;
      return { id, owner, fence, fingerprint, state: "UNKNOWN" };
    };
    const { call, tighten } = openService({}, { ...store, read: unknown });
    await call(order);
    tighten(refuse);
    expect(problemOf(await call(order)).code).toBe("outcome_unknown");
  });

  test("make no completer give up: its attempt runs without them", async () => {
    const { call, tighten, claims, seen, runs } = openService({
      profile: orzcash(),
      behaviour: ({ count }) => ({ statusCode: count === 1 ? 503 : 201 }),
    });
    await call(order, CONTEXT);
    tighten(refuse);
    const { id, fingerprint, completer } = claims[0] as ClaimRequest;
    const record = { id, fingerprint, version: 2 };
    const event = JSON.parse(completionEvent(completer?.event ?? "", record));
    expect((await call(event, CONTEXT)).statusCode).toBe(201);
    expect([seen.length, runs()]).toEqual([0, 2]);
  });
});

describe("a request that was interrupted before the rules were tightened", () => {
  const diesOnce: Behaviour = ({ count }) =>
    count === 1 ? new Promise(() => {}) : { statusCode: 201, body: `run ${count}` };

  test.each([
    ["restarts", ietf(), refuse],
    ["restarts", ietf(), fail],
    ["resumes", orzcash(), refuse],
  ])("%s as if it were valid", async (_what, profile, rule) => {
    const { call, tighten, clock, runs, asked, observed } = openService({
      profile,
      behaviour: diesOnce,
    });
    void call(order);
    while (runs() === 0) await new Promise(setImmediate);
    clock.advance(60_000);
    tighten(rule);
    expect(await call(order)).toEqual({ statusCode: 201, body: "run 2" });
    expect(asked).toEqual(["read, strong", "claim"]);
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "claimed", "completed"]);
  });

  test("does not repeat its steps", async () => {
    const steps: number[] = [];
    const { call, tighten } = openService({
      profile: orzcash(),
      behaviour: async ({ count, context }) => {
        await context.idempotency.step("bank", () => steps.push(count));
        if (count === 1) throw new Error("the process dies");
        return { statusCode: 201 };
      },
    });
    await expect(call(order)).rejects.toThrow("the process dies");
    tighten(refuse);
    expect((await call(order)).statusCode).toBe(201);
    expect(steps).toEqual([1]);
  });

  test("is told so, under a profile that refuses interrupted work", async () => {
    const { call, tighten, clock, runs } = openService({
      profile: ietf({ interrupted: "refuse", retention: "never" }),
      behaviour: diesOnce,
    });
    void call(order);
    while (runs() === 0) await new Promise(setImmediate);
    clock.advance(60_000);
    tighten(refuse);
    expect(problemOf(await call(order)).code).toBe("request_interrupted");
    expect(runs()).toBe(1);
  });

  test("binds no key that another execution has freed since the read", async () => {
    const store = memoryStore();
    let afterRead = async () => {};
    const read = async (id: string) => {
      const found = await store.read(id);
      await afterRead();
      return found;
    };
    const { call, tighten, clock, claims, runs } = openService(
      {
        behaviour: ({ count }) => {
          if (count === 1) return { statusCode: 503 };
          throw new Error("the handler runs for an invalid request");
        },
      },
      { ...store, read },
    );
    await call(order);
    tighten(refuse);
    afterRead = async () => {
      const claim = { ...(claims[0] as ClaimRequest), owner: "another", nowMs: clock.now() };
      const { record } = await store.claim(claim);
      if (record === undefined) throw new Error("The claim was refused.");
      const { owner, fence } = record;
      await store.free({ id: record.id, owner, fence, claims: 2, expiresAtSeconds: 1 });
    };
    expect(problemOf(await call(order)).code).toBe("request_in_flight");
    afterRead = async () => {};
    expect(await call(order)).toEqual(INVALID);
    expect(runs()).toBe(1);
  });
});

describe("while the store is down", () => {
  const down = () =>
    Promise.reject(new StoreError("no answer", new Error("ETIMEDOUT"), "unanswered"));

  test.each([
    ["a response", refuse],
    ["an error", fail],
  ])("an invalid request gets 503, and not %s that may deny a transfer", async (_how, rule) => {
    const { call, tighten, observed, runs } = openService({}, { read: down });
    tighten(rule);
    const response = await call(order);
    expect(response.statusCode).toBe(503);
    expect(problemOf(response).code).toBe("store_unavailable");
    expect(observed).toMatchObject([{ kind: "refused", code: "store_unavailable" }]);
    expect(runs()).toBe(0);
  });

  test("a throttled read is sent again", async () => {
    let reads = 0;
    const throttled = async () => {
      reads += 1;
      if (reads < 3) throw new StoreError("slow down", undefined, "throttled");
      return undefined;
    };
    const { call, tighten } = openService({}, { read: throttled });
    tighten(refuse);
    expect(await call(order)).toEqual(INVALID);
    expect(reads).toBe(3);
  });

  test("an invalid request without a key is refused all the same", async () => {
    const { call, tighten } = openService({ profile: dwolla() }, { read: down });
    tighten(refuse);
    expect(await call(httpApiEvent())).toEqual(INVALID);
  });
});

describe("a result of validate that is neither undefined nor a response", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "it is null"],
    ["true", true, "it is true"],
    ["false", false, "it is false"],
    ["a text", "the amount is too small", "it is 'the amount is too small'"],
    ["a parsed body", { amount: 1 }, "its statusCode is undefined"],
    ["a status that does not exist", { statusCode: 42 }, "its statusCode is 42"],
    ["a body that is no text", { statusCode: 422, body: {} }, "its body is {} and not a string"],
    ["a fetch Response", new Response("no", { status: 422 }), "it is a fetch Response"],
  ])("is a mistake, and nothing is claimed: %s", async (_what, result, problem) => {
    const { call, tighten, asked, runs } = openService();
    for (const given of [result, Promise.resolve(result)]) {
      tighten(() => given as never);
      const error = await call(order).catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "IdempotencyConfigurationError", retryable: false });
      expect(error.message).toContain(
        `idempotency: the result of validate is neither undefined, for a valid request, nor a response: ${problem}`,
      );
    }
    expect(asked).toEqual([]);
    expect(runs()).toBe(0);
  });
});

test("a change of the event by validate changes neither the identity of the request nor its kept event", async () => {
  const { call, tighten, claims } = openService({ profile: orzcash() });
  tighten((event) => {
    const changed = event as { body: unknown; headers: Record<string, string> };
    changed.headers["idempotency-key"] = "0b3c0d4e-5f60-4718-8293-a4b5c6d7e8f9";
    changed.body = { amount: 3 };
  });
  await call(structuredClone(order), CONTEXT);
  tighten(refuse);
  const repeat = await call(order, CONTEXT);
  expect(repeat.headers).toMatchObject({ "Idempotent-Replayed": "true" });
  expect(JSON.parse(claims[0]?.completer?.event ?? "{}").event.body).toBe(order.body);
});

describe("in the middleware form", () => {
  function api(rule: Validate) {
    const { store, asked } = watchedStore();
    const hooks: string[] = [];
    const handler = middy()
      .use(httpErrorHandler({ logger: false }))
      .use(idempotency({ store, singleTenant: true, validate: rule, observe: () => {} }))
      .use({ before: () => void hooks.push("behind") })
      .handler(async () => {
        hooks.push("handler");
        return { statusCode: 201 };
      });
    const call = (event: unknown) =>
      (handler as never as (event: unknown, context: object) => Promise<Answer>)(event, {});
    return { call, hooks, asked };
  }

  test("a refused request gets the response, and runs nothing behind", async () => {
    const { call, hooks, asked } = api(refuse);
    expect(await call(order)).toEqual(INVALID);
    expect(hooks).toEqual([]);
    expect(asked).toEqual(["read, strong"]);
  });

  test("an error reaches the error handler in front", async () => {
    const { call, hooks } = api(() => {
      throw Object.assign(new Error("the amount is too small"), { statusCode: 422, expose: true });
    });
    expect(await call(order)).toMatchObject({ statusCode: 422, body: "the amount is too small" });
    expect(hooks).toEqual([]);
  });

  test("a valid request runs the handler", async () => {
    const { call, hooks } = api(() => undefined);
    expect((await call(order)).statusCode).toBe(201);
    expect(hooks).toEqual(["behind", "handler"]);
  });
});
