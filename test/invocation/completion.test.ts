import { describe, expect, test } from "@jest/globals";
import { gluwa, memoryStore, orzcash, type Store } from "../../lib/index.ts";
import { completionEvent } from "../../lib/invocation/completion-event.ts";
import type { ClaimRequest } from "../../lib/protocol/store.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf } from "../support/service.ts";

const KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const REQUEST = httpApiEvent({ key: KEY });
const CONTEXT = { functionName: "pay", getRemainingTimeInMillis: () => 10_000 };

/** A store that remembers the stored events for the completer. */
function keepingStore() {
  const store = memoryStore();
  const claims: ClaimRequest[] = [];
  const keeping: Store = {
    ...store,
    claim: (request, options) => {
      claims.push(request);
      return store.claim(request, options);
    },
  };
  /** The event with which the completer invokes the function. */
  const createCompletionEvent = (index: number) => {
    const { id, completer } = claims[index] as ClaimRequest;
    return JSON.parse(completionEvent(completer?.event ?? "", id));
  };
  return { store: keeping, claims, eventOf: createCompletionEvent };
}

const failsOnce: Behaviour = async ({ count, context: { idempotency } }) => {
  const first = await idempotency.step("a", () => `step of execution ${count}`);
  if (count === 1) throw new Error("the process dies");
  return { statusCode: 201, body: first };
};

test("the stored event finishes an interrupted request, and the client gets its response", async () => {
  const { store, claims, eventOf } = keepingStore();
  const { call, runs } = serviceOf(failsOnce, { store, profile: orzcash() });
  await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
  const finished = await call(eventOf(0), CONTEXT);
  // The stored event does not change; the completer's member is not stored.
  expect(claims[1]?.completer).toEqual({ functionName: "pay" });
  expect(finished).toMatchObject({ statusCode: 201, body: "step of execution 1" });
  expect((await call(REQUEST, CONTEXT)).body).toBe("step of execution 1");
  expect(runs()).toBe(2);
});

test("a request without a key is finished as well", async () => {
  const { store, eventOf } = keepingStore();
  const { call } = serviceOf(failsOnce, { store, profile: orzcash() });
  await expect(call(httpApiEvent(), CONTEXT)).rejects.toThrow();
  expect((await call(eventOf(0), CONTEXT)).body).toBe("step of execution 1");
});

describe("the completer", () => {
  test("does not take over from an execution that is alive", async () => {
    const { store, eventOf } = keepingStore();
    const profile = orzcash({ inFlight: "refuse" });
    const { call, runs } = serviceOf(() => new Promise(() => {}), { store, profile });
    void call(REQUEST, CONTEXT);
    await new Promise(setImmediate);
    expect(problemOf(await call(eventOf(0), CONTEXT)).code).toBe("request_in_flight");
    expect(runs()).toBe(1);
  });

  test("repeats no complete request", async () => {
    const { store, eventOf } = keepingStore();
    const { call, runs } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
    await call(REQUEST, CONTEXT);
    expect((await call(eventOf(0), CONTEXT)).statusCode).toBe(201);
    expect(runs()).toBe(1);
  });

  test("begins no request: under an id without a record the handler does not run", async () => {
    const { store, eventOf } = keepingStore();
    const { call, runs } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
    await call(REQUEST, CONTEXT);
    const forged = { ...eventOf(0), idempotencyCompletion: { recordId: "another" } };
    expect((await call(forged, CONTEXT)).statusCode).toBe(409);
    expect(runs()).toBe(1);
  });

  test("executes no payload but the interrupted one", async () => {
    const { store, eventOf } = keepingStore();
    const { call, runs } = serviceOf(failsOnce, { store, profile: orzcash() });
    await expect(call(REQUEST, CONTEXT)).rejects.toThrow();
    const forged = { ...eventOf(0), body: '{"amountMinor":1}' };
    expect(problemOf(await call(forged, CONTEXT)).code).toBe("payload_mismatch");
    expect(runs()).toBe(1);
  });

  test("runs a handler again that no retry may run, if the profile says so", async () => {
    const { store, eventOf } = keepingStore();
    const profile = gluwa({ abandoned: "complete" });
    const { call, clock, runs } = serviceOf(
      ({ count }) => (count === 1 ? new Promise(() => {}) : { statusCode: 202 }),
      { store, profile },
    );
    const request = httpApiEvent({ body: JSON.stringify({ Idem: KEY, Amount: "1" }) });
    void call(request, CONTEXT);
    await new Promise(setImmediate);
    clock.advance(60_000);
    expect((await call(request, CONTEXT)).statusCode).toBe(409);
    expect((await call(eventOf(0), CONTEXT)).statusCode).toBe(202);
    expect((await call(request, CONTEXT)).statusCode).toBe(409);
    expect(runs()).toBe(2);
  });
});

test("the record has no event if the profile leaves abandoned requests alone or to an operator", async () => {
  const { store, claims } = keepingStore();
  const kept = async (abandoned: "leave" | "unknown") => {
    const { call } = serviceOf(() => ({ statusCode: 201 }), {
      store,
      profile: orzcash({ abandoned }),
    });
    await call(httpApiEvent({ key: crypto.randomUUID() }), CONTEXT);
    return claims.at(-1)?.completer;
  };
  expect(await kept("leave")).toBeUndefined();
  expect(await kept("unknown")).toEqual({ functionName: "pay" });
});

test("an event that is too large is not stored, and the observer is told", async () => {
  const { store, claims } = keepingStore();
  const { call, observed } = serviceOf(() => ({ statusCode: 201 }), { store, profile: orzcash() });
  await call(httpApiEvent({ key: KEY, body: `"${"x".repeat(100_000)}"` }), CONTEXT);
  expect(claims[0]?.completer).toEqual({ functionName: "pay", event: undefined });
  expect(observed).toContainEqual(expect.objectContaining({ kind: "eventNotKept" }));
});

test("a stored event is not observed", async () => {
  const { call, observed } = serviceOf(() => ({ statusCode: 201 }), {
    profile: orzcash(),
    service: "payouts",
  });
  await call(REQUEST, CONTEXT);
  expect(observed.map(({ kind }) => kind)).toEqual(["claimed", "completed"]);
});

test("with claimAt commit no request is left to be finished, so no event is stored, or reported as missing", async () => {
  const store = memoryStore();
  const commit: Store["commit"] = () => Promise.reject(new Error("nothing is committed here"));
  const { call, runs, observed } = serviceOf(() => ({ statusCode: 503 }), {
    store: { ...store, commit },
    claimAt: "commit",
    profile: orzcash(),
    service: "payouts",
  });
  await call(httpApiEvent({ key: KEY, body: `"${"x".repeat(100_000)}"` }), CONTEXT);
  expect(runs()).toBe(1);
  expect(observed).toEqual([]);
});
