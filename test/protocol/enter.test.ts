import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { gluwa, ietf, memoryStore, orzcash } from "../../lib/index.ts";
import { enter, enterUnclaimed } from "../../lib/protocol/enter.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { Store } from "../../lib/protocol/store.ts";
import { entityIdFor } from "../../lib/protocol/unique.ts";
import { manualClock, START_MS } from "../support/clock.ts";
import { claimFor, createRequest, createTools, type TestTools } from "../support/keyed-request.ts";

const waiting = ietf({ inFlight: { waitMs: 5_000 } });

/** A clock under which something happens during the nth sleep. */
function clockWith(events: Record<number, (tools: TestTools) => Promise<unknown>>) {
  const clock = manualClock();
  const sleeps: number[] = [];
  let tools: TestTools;
  const sleep = async (durationMs: number) => {
    sleeps.push(durationMs);
    await clock.sleep(durationMs);
    await events[sleeps.length]?.(tools);
  };
  tools = createTools({ clock: { ...clock, sleep } });
  return { tools, sleeps };
}

describe("before the handler, a request", () => {
  test("executes under its claim", async () => {
    const request = createRequest(createTools());
    expect(await enter(request)).toMatchObject({
      kind: "execute",
      execution: { request, fence: START_MS + 1 },
    });
  });

  test("is refused at once while the first is in flight, unless the profile waits", async () => {
    const request = createRequest(createTools());
    await claimFor(request);
    expect(await enter(request)).toEqual({
      kind: "refuse",
      refusal: { code: "request_in_flight", leaseLeftMs: 11_000 },
    });
    expect(request.tools.clock.now()).toBe(START_MS);
  });

  test("that waits gets the response as soon as it is there", async () => {
    const { tools, sleeps } = clockWith({
      async 3({ store }) {
        const response = '{"statusCode":201}';
        await store.complete({ id: "id", owner, fence, response, expiresAtSeconds: undefined });
      },
    });
    const request = createRequest(tools, { contract: waiting });
    const { owner, fence } = await claimFor(request);
    expect(await enter(request)).toEqual({ kind: "replay", response: '{"statusCode":201}' });
    expect(sleeps).toEqual([25, 50, 100]);
  });

  test.each<
    [string, (store: Store, owned: { id: string; owner: string; fence: number }) => unknown]
  >([
    ["released", (store, owned) => store.release(owned)],
    [
      "freed",
      (store, owned) =>
        store.free({ ...owned, claims: 1, expiresAtSeconds: START_MS / 1000 + 3_600 }),
    ],
  ])("that waits executes once the claim in its way is %s", async (_how, end) => {
    const { tools, sleeps } = clockWith({
      2: async ({ store }) => end(store, { id: "id", owner, fence }),
    });
    const request = createRequest(tools, { contract: waiting });
    const { owner, fence } = await claimFor(request);
    expect(await enter(request)).toMatchObject({
      kind: "execute",
      execution: { fence: fence + 1 },
    });
    expect(sleeps).toEqual([25, 50]);
  });

  test("that waits for begun work, and would forget it, is refused once the owner has gone", async () => {
    const { tools } = clockWith({
      async 2({ store }) {
        await store.mark({ id: "id", owner, fence, nowMs: START_MS });
        await store.release({ id: "id", owner, fence });
      },
    });
    const request = createRequest(tools, { contract: waiting });
    const { owner, fence } = await claimFor(request);
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_interrupted" } });
  });

  test("that waits is told to come again when its time is over", async () => {
    const { tools, sleeps } = clockWith({});
    const request = createRequest(tools, { contract: waiting });
    await claimFor(request);
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_in_flight" } });
    expect(sleeps.reduce((total, ms) => total + ms, 0)).toBe(5_000);
  });

  test("that waits leaves itself the margin of the invocation to respond in", async () => {
    const { tools, sleeps } = clockWith({});
    await claimFor(createRequest(tools));
    const hurried = createRequest(tools, { contract: waiting, remainingMs: () => 3_000 });
    await enter(hurried);
    expect(sleeps.reduce((total, ms) => total + ms, 0)).toBe(2_000);
  });

  test("that waits polls again after a poll for which the store has no capacity", async () => {
    const memory = memoryStore();
    let polls = 0;
    const store: Store = {
      ...memory,
      async read(id) {
        polls += 1;
        if (polls === 1) throw new StoreError("m", new Error("why"), "throttled");
        return memory.read(id);
      },
    };
    const request = createRequest(createTools({ store }), { contract: waiting });
    await claimFor(request);
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_in_flight" } });
    expect(polls).toBeGreaterThan(1);
  });

  test("is refused if the store fails, and nothing is executed", async () => {
    const cause = new StoreError("m", new Error("why"));
    const store = { ...memoryStore(), claim: () => Promise.reject(cause) };
    const tools = createTools({ store });
    const refusal = { code: "store_unavailable", cause };
    expect(await enter(createRequest(tools))).toEqual({ kind: "refuse", refusal });
    expect(tools.observed).toEqual([{ kind: "refused", recordId: "id", ...refusal }]);
  });

  test("of a completer begins no work under a freed key", async () => {
    const tools = createTools();
    const { owner, fence } = await claimFor(createRequest(tools));
    const expiresAtSeconds = START_MS / 1000 + 3_600;
    await tools.store.free({ id: "id", owner, fence, claims: 1, expiresAtSeconds });
    const completer = createRequest(tools, {
      contract: orzcash({ inFlight: { waitMs: 100 } }),
      onlyLapsed: true,
    });
    expect(await enter(completer)).toMatchObject({ refusal: { code: "request_in_flight" } });
    expect(await tools.store.read("id")).toMatchObject({ state: "FREED" });
  });

  test("whose first was interrupted is refused where the profile refuses", async () => {
    const request = createRequest(createTools(), { contract: gluwa() });
    await claimFor(request);
    (request.tools as TestTools).clock.advance(60_000);
    expect(await enter(request)).toMatchObject({ refusal: { code: "request_interrupted" } });
  });
});

describe("without a claim before the handler, an execution", () => {
  const FREED: IdempotencyRecord = {
    ...{ id: "id", owner: "other", fence: 7, fingerprint: "same", state: "FREED" },
    expiresAtSeconds: START_MS / 1000 + 3_600,
  };
  const LAPSED: IdempotencyRecord = {
    ...{ id: "id", owner: "other", fence: 7, fingerprint: "same", state: "CLAIMED" },
    ...{ leaseUntilMs: 0, claims: 1, entityId: "entity-of-0.1" },
  };

  test("has no fence, and writes nothing", async () => {
    const tools = createTools({ clock: manualClock(START_MS + 0.5) });
    const request = createRequest(tools);
    expect(enterUnclaimed(request)).toMatchObject({
      ...{ request, fingerprint: "same", claimedAtMs: START_MS, fence: undefined },
      ...{ claims: 0, steps: [], isMarked: false, entityId: undefined, freed: undefined },
    });
    expect(await tools.store.read("id")).toBeUndefined();
  });

  test("knows the freed record that was read before, and no other record", () => {
    const request = createRequest(createTools());
    expect(enterUnclaimed(request, FREED).freed).toBe(FREED);
    expect(enterUnclaimed(request, LAPSED).freed).toBeUndefined();
  });

  test("goes on with the entity that the record has, where its request creates one", () => {
    const request = createRequest(createTools(), { contract: ietf({ completed: "entity" }) });
    expect(enterUnclaimed(request).entityId).toBe(entityIdFor("id"));
    expect(enterUnclaimed(request, FREED).entityId).toBe(entityIdFor("id"));
    expect(enterUnclaimed(request, LAPSED).entityId).toBe("entity-of-0.1");
    expect(enterUnclaimed(createRequest(createTools()), LAPSED).entityId).toBeUndefined();
  });
});
