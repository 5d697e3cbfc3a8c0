import { expect, test } from "@jest/globals";
import { ietf, memoryStore, type Profile, type Store } from "../../lib/index.ts";
import { systemClock } from "../../lib/protocol/clock.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, createTransfer, problemOf, serviceOf } from "../support/service.ts";

const waiting = ietf({ inFlight: { waitMs: 2_000 } });

/** A handler that goes on only when the test says so. */
function held(answer: unknown = { statusCode: 201, body: "done" }) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const behaviour: Behaviour = async ({ count }) => {
    if (count > 1) return { statusCode: 201, body: `run ${count}` };
    await promise;
    return answer;
  };
  return { behaviour, finish: resolve };
}

const aMoment = () => new Promise((resolve) => setImmediate(resolve));

test("a repeat while the first is executed is refused at once, with Retry-After", async () => {
  const { behaviour, finish } = held();
  const { call, runs, clock } = serviceOf(behaviour);
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const before = clock.now();
  const second = await call(httpApiEvent({ key: "k" }));
  expect(clock.now()).toBe(before);
  expect(second.statusCode).toBe(409);
  expect(second.headers?.["retry-after"]).toBe("1");
  expect(problemOf(second).code).toBe("request_in_flight");
  finish();
  expect((await first).statusCode).toBe(201);
  expect(runs()).toBe(1);
});

test("a repeat of an interrupted request is told to come back when the lease has lapsed", async () => {
  const { call, clock } = serviceOf(() => new Promise(() => {}));
  void call(httpApiEvent({ key: "k" }), { getRemainingTimeInMillis: () => 29_000 });
  await aMoment();
  clock.advance(11_000);
  const repeat = await call(httpApiEvent({ key: "k" }));
  expect([repeat.statusCode, repeat.headers?.["retry-after"]]).toEqual([409, "19"]);
});

test("another payload while the first is executed is a mismatch, not a wait", async () => {
  const { behaviour, finish } = held();
  const { call } = serviceOf(behaviour, { profile: waiting });
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  expect((await call(httpApiEvent({ key: "k", body: "{}" }))).statusCode).toBe(422);
  finish();
  await first;
});

test("if the profile waits, the repeat gets the response of the first", async () => {
  const { behaviour, finish } = held();
  const { call, runs, clock } = serviceOf(behaviour, { profile: waiting });
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const second = call(httpApiEvent({ key: "k" }));
  while (clock.now() < clock.now() + 1 && runs() < 1) await aMoment();
  finish();
  expect(await second).toMatchObject({
    statusCode: 201,
    body: "done",
    headers: { "Idempotent-Replayed": "true" },
  });
  await first;
  expect(runs()).toBe(1);
});

test("the wait ends after its time with 409", async () => {
  const { behaviour, finish } = held();
  const { call, clock } = serviceOf(behaviour, { profile: waiting });
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const before = clock.now();
  expect((await call(httpApiEvent({ key: "k" }))).statusCode).toBe(409);
  expect(clock.now() - before).toBe(2_000);
  finish();
  await first;
});

test("the wait leaves the invocation time to respond", async () => {
  const { behaviour, finish } = held();
  const { call, clock } = serviceOf(behaviour, { profile: waiting });
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const before = clock.now();
  const answer = await call(httpApiEvent({ key: "k" }), { getRemainingTimeInMillis: () => 1_500 });
  expect(answer.statusCode).toBe(409);
  expect(clock.now() - before).toBe(500);
  finish();
  await first;
});

test("when the first execution fails, the waiting repeat executes in its place", async () => {
  const { behaviour, finish } = held({ statusCode: 503 });
  const { call, runs } = serviceOf(behaviour, { profile: waiting });
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const second = call(httpApiEvent({ key: "k" }));
  await aMoment();
  finish();
  expect((await first).statusCode).toBe(503);
  expect(await second).toEqual({ statusCode: 201, body: "run 2" });
  expect(runs()).toBe(2);
});

test("when the first execution rejects its request, the waiting repeat executes in its place", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { call, runs } = serviceOf(
    async ({ count, context: { idempotency } }) => {
      if (count > 1) return { statusCode: 201, body: `run ${count}` };
      await promise;
      return idempotency.reject({ statusCode: 422 });
    },
    { profile: waiting },
  );
  const first = call(httpApiEvent({ key: "k" }));
  await aMoment();
  const second = call(httpApiEvent({ key: "k" }));
  await aMoment();
  resolve();
  expect((await first).statusCode).toBe(422);
  expect(await second).toEqual({ statusCode: 201, body: "run 2" });
  expect(runs()).toBe(2);
});

/** The number of claims of a request; the store refuses each with a claim that has lapsed. */
async function claimsUntilAnswer(profile: Profile) {
  const memory = memoryStore();
  let claims = 0;
  const claim: Store["claim"] = async ({ completer: _, takeover: __, nowMs, ...request }) => {
    claims += 1;
    if (claims > 5) throw new Error("It would go on for ever.");
    const lapsed = { ...request, owner: "another", leaseUntilMs: nowMs, fence: 1, claims: 1 };
    return { applied: false, record: { ...lapsed, state: "CLAIMED" } };
  };
  const { call } = serviceOf(createTransfer, { store: { ...memory, claim }, profile });
  const { statusCode } = await call(httpApiEvent({ key: "k" }));
  return { statusCode, claims };
}

test("a refused claim is not tried again if the profile does not wait", async () => {
  expect(await claimsUntilAnswer(ietf())).toEqual({ statusCode: 409, claims: 1 });
});

test("a repeat that may not take over does not claim again when the owner has died", async () => {
  const profile = ietf({
    inFlight: { waitMs: 2_000 },
    interrupted: "refuse",
    retention: "never",
  });
  expect(await claimsUntilAnswer(profile)).toEqual({ statusCode: 409, claims: 1 });
});

test("a dead owner is replaced as soon as its lease lapses, not before", async () => {
  const store = memoryStore();
  const { call, runs, clock } = serviceOf(() => new Promise(() => {}), { store });
  void call(httpApiEvent({ key: "k" }));
  await aMoment();
  expect(runs()).toBe(1);
  const next = serviceOf(createTransfer, { store, clock });
  clock.advance(10_999);
  expect((await next.call(httpApiEvent({ key: "k" }))).statusCode).toBe(409);
  clock.advance(1);
  expect((await next.call(httpApiEvent({ key: "k" }))).statusCode).toBe(201);
});

test("if the profile forbids it, a dead owner is not replaced: 409 until an operator settles the request", async () => {
  const store = memoryStore();
  const profile = ietf({ interrupted: "refuse", retention: "never" });
  const { call, clock } = serviceOf(() => new Promise(() => {}), { store, profile });
  void call(httpApiEvent({ key: "k" }));
  await aMoment();
  clock.advance(60_000);
  const next = serviceOf(createTransfer, { store, clock, profile });
  const refused = await next.call(httpApiEvent({ key: "k" }));
  expect(refused.headers?.["x-should-retry"]).toBe("false");
  expect(problemOf(refused).code).toBe("request_interrupted");
  expect(next.runs()).toBe(0);
});

test("a request with an unknown outcome is never executed again", async () => {
  const store = memoryStore();
  const unknown = {
    ...store,
    claim: async ({ entityId: _, ...claim }: Parameters<typeof store.claim>[0]) => ({
      applied: false as const,
      record: {
        ...claim,
        state: "UNKNOWN" as const,
        owner: "another",
        fence: 7,
        expiresAtSeconds: 9e9,
      },
    }),
  };
  const { call, runs } = serviceOf(createTransfer, { store: unknown });
  expect(problemOf(await call(httpApiEvent({ key: "k" }))).code).toBe("outcome_unknown");
  expect(runs()).toBe(0);
});

test("the default clock is the machine's", async () => {
  const beforeMs = Date.now();
  await systemClock.sleep(1);
  expect(systemClock.now()).toBeGreaterThanOrEqual(beforeMs);
});
