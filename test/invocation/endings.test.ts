import { describe, expect, test } from "@jest/globals";
import {
  defineProfile,
  dwolla,
  ietf,
  memoryStore,
  orzcash,
  type Store,
  StoreError,
} from "../../lib/index.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const REQUEST = httpApiEvent({ key: KEY, body: '{"amount":1}' });
const OTHER_PAYLOAD = httpApiEvent({ key: KEY, body: '{"amount":2}' });
const CREATED = { statusCode: 201, body: "created" };
const httpError = (statusCode: number) =>
  Object.assign(new Error("no such account"), { statusCode });

const ALWAYS_FINAL = defineProfile({
  ...dwolla(),
  name: "always-final",
  outcome: () => "complete",
});

describe("a request that is refused with a thrown 4xx", () => {
  test("keeps its key once it has asked for a downstream key, and repeats get the refusal", async () => {
    const { call } = serviceOf(({ context }) => {
      context.idempotency.downstreamKey("charge");
      throw httpError(404);
    });
    await expect(call(REQUEST)).rejects.toThrow("no such account");
    expect(problemOf(await call(OTHER_PAYLOAD)).code).toBe("payload_mismatch");
    expect(await call(REQUEST)).toMatchObject({ statusCode: 404, body: "no such account" });
  });

  test.each<[string, string, Behaviour]>([
    ["frees its key", "created", () => Promise.reject(httpError(404))],
    [
      "keeps its key where a step has failed",
      "payload_mismatch",
      ({ context }) => context.idempotency.step("a", () => Promise.reject(httpError(404))),
    ],
    [
      "keeps its key where a step failed for which its handler did not wait",
      "payload_mismatch",
      ({ context }) => {
        void context.idempotency.step("a", () => Promise.reject(httpError(404))).catch(() => {});
        return CREATED;
      },
    ],
  ])("%s: another payload gets %s", async (_what, expected, behaviour) => {
    const { call } = serviceOf((run) => (run.count === 1 ? behaviour(run) : CREATED), {
      profile: orzcash(),
    });
    await expect(call(REQUEST)).rejects.toThrow("no such account");
    const other = await call(OTHER_PAYLOAD);
    expect(other.statusCode === 201 ? other.body : problemOf(other).code).toBe(expected);
  });
});

test("a step that has failed gets the same downstream key again", async () => {
  const keys: string[] = [];
  const { call, clock } = serviceOf(
    async ({ count, context: { idempotency } }) => {
      await idempotency.step("bank", ({ downstreamKey }) => {
        keys.push(downstreamKey);
        if (count === 1) throw httpError(429);
      });
      return CREATED;
    },
    { profile: orzcash() },
  );
  await expect(call(REQUEST)).rejects.toThrow("no such account");
  clock.advance(5);
  expect(await call(REQUEST)).toEqual(CREATED);
  expect(keys).toEqual([keys[0], keys[0]]);
});

test("a response marked final has no effect if the handler returns another response", async () => {
  const { call, runs } = serviceOf(({ context: { idempotency } }) => {
    idempotency.final({ statusCode: 500, body: "for ever" });
    return { statusCode: 500, body: "for now" };
  });
  expect((await call(REQUEST)).body).toBe("for now");
  await call(REQUEST);
  expect(runs()).toBe(2);
});

test("a handler that returns undefined has neither made its response final nor rejected", async () => {
  const { call, runs } = serviceOf(() => undefined, {
    profile: ietf({ outcome: (ending) => (ending.kind === "returned" ? "release" : "complete") }),
  });
  expect(await call(REQUEST)).toMatchObject({ statusCode: 200, body: "null" });
  await call(REQUEST);
  expect(runs()).toBe(2);
});

test("an error that a profile calls final is replayed as the response that API Gateway made of it", async () => {
  const { call, runs } = serviceOf(() => Promise.reject(new Error("it broke")), {
    profile: ALWAYS_FINAL,
  });
  await expect(call(REQUEST)).rejects.toThrow("it broke");
  expect(await call(REQUEST)).toMatchObject({
    statusCode: 500,
    headers: { "content-type": "application/json" },
    body: '{"message":"Internal Server Error"}',
  });
  expect(runs()).toBe(1);
});

test("with claimAt commit and uncommitted refuse, an error goes on unchanged", async () => {
  const store = memoryStore();
  const commit: Store["commit"] = () => Promise.reject(new Error("nothing is committed here"));
  const { call } = serviceOf(() => Promise.reject(new Error("it broke")), {
    store: { ...store, commit },
    claimAt: "commit",
    uncommitted: "refuse",
    profile: ALWAYS_FINAL,
  });
  await expect(call(REQUEST)).rejects.toThrow("it broke");
  await expect(call(REQUEST)).rejects.toThrow("it broke");
});

test("an error of the handler aborts nothing: only a time-out does", async () => {
  const signals: AbortSignal[] = [];
  const { call } = serviceOf(({ context }) => {
    signals.push(context.idempotency.signal);
    throw new Error("it broke");
  });
  await expect(call(REQUEST)).rejects.toThrow("it broke");
  expect(signals[0]?.aborted).toBe(false);
});

test("with claimAt start a response without a commit is recorded, also with uncommitted refuse", async () => {
  const { call, runs } = serviceOf(() => CREATED, { uncommitted: "refuse" });
  expect(await call(REQUEST)).toEqual(CREATED);
  expect(await call(REQUEST)).toMatchObject(CREATED);
  expect(runs()).toBe(1);
});

describe("a step that could not be recorded, because the store did not respond,", () => {
  /** The first step is not recorded, and the handler ignores the error. */
  function service(behaviour: Behaviour) {
    const store = memoryStore();
    let failures = 1;
    const checkpoint: Store["checkpoint"] = async (request, options) => {
      failures -= 1;
      if (failures >= 0) throw new StoreError("no answer", undefined);
      return store.checkpoint(request, options);
    };
    return serviceOf(behaviour, { store: { ...store, checkpoint }, profile: orzcash() });
  }

  test.each<[string, Behaviour]>([
    [
      "goes on",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => undefined).catch(() => {});
        return CREATED;
      },
    ],
    [
      "fails",
      async ({ context: { idempotency } }) => {
        await idempotency.step("a", () => undefined);
        return CREATED;
      },
    ],
  ])(
    "is reported to the client, and can be repeated at once: the handler %s",
    async (_how, behaviour) => {
      const { call, runs } = service(behaviour);
      expect((await call(REQUEST)).statusCode).toBe(503);
      expect(await call(REQUEST)).toEqual(CREATED);
      expect(runs()).toBe(2);
    },
  );

  test("near the end of the invocation keeps its claim: the work may go on", async () => {
    const { call, observed } = service(async ({ context: { idempotency } }) => {
      await idempotency.step("a", () => undefined);
      return CREATED;
    });
    const late = { getRemainingTimeInMillis: () => 1_000 };
    expect((await call(REQUEST, late)).statusCode).toBe(503);
    expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "refused", "left"]);
    const repeat = await call(REQUEST, { getRemainingTimeInMillis: () => 1_001 });
    expect(problemOf(repeat).code).toBe("request_in_flight");
  });
});

test("near the end of the invocation a changed handler keeps its claim as well", async () => {
  let isChanged = false;
  const { call } = serviceOf(
    async ({ context: { idempotency } }) => {
      if (isChanged) return CREATED;
      await idempotency.step("a", () => undefined);
      throw new Error("it dies");
    },
    { profile: orzcash() },
  );
  await expect(call(REQUEST)).rejects.toThrow("it dies");
  isChanged = true;
  const at = (remainingMs: number) =>
    call(REQUEST, { getRemainingTimeInMillis: () => remainingMs });
  await expect(at(10_000)).rejects.toThrow('holds "a" as step 1');
  await expect(at(1_000)).rejects.toThrow('holds "a" as step 1');
  expect(problemOf(await at(1_001)).code).toBe("request_in_flight");
});
