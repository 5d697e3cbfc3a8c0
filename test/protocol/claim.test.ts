import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { gluwa, ietf, memoryStore, orzcash } from "../../lib/index.ts";
import { claim, newOwner } from "../../lib/protocol/claim.ts";
import type { KeyedRequest, Tools } from "../../lib/protocol/execution.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { ClaimRequest, Completer, FreeRequest, Store } from "../../lib/protocol/store.ts";
import { entityIdFor } from "../../lib/protocol/unique.ts";
import { manualClock, START_MS } from "../support/clock.ts";
import { claimFor, createRequest, createTools, losingReply } from "../support/keyed-request.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Tools over a memory store that notes its claims. Some of its calls are others. */
function watched(change: (memory: Store) => Partial<Store> = () => ({})) {
  const memory = memoryStore();
  const claims: ClaimRequest[] = [];
  const store: Store = { ...memory, ...change(memory) };
  const tools = createTools({
    store: {
      ...store,
      claim: (request, options) => {
        claims.push(request);
        return store.claim(request, options);
      },
    },
  });
  return { tools, claims, memory };
}

const claimNow = (request: KeyedRequest) => claim(request, newOwner(request));

/** The execution of a claim that must be applied. */
async function executionOf(request: KeyedRequest) {
  const claimed = await claimNow(request);
  if (!("execution" in claimed)) throw new Error(`The key is ${claimed.verdict.kind}.`);
  return claimed.execution;
}

describe("a claim of an id without a record", () => {
  test("makes the first execution of the request, and that is observed", async () => {
    const { tools, claims } = watched();
    const request = createRequest(tools);
    const claimant = newOwner(request);
    expect(await claim(request, claimant)).toEqual({
      execution: {
        ...{ request, owner: claimant.owner, fingerprint: "same" },
        ...{ fence: START_MS + 1, claims: 1, claimedAtMs: START_MS, startedAtMs: START_MS },
        ...{ steps: [], isMarked: false, entityId: undefined, originFingerprint: "same" },
      },
    });
    expect(claims).toHaveLength(1);
    expect(tools.observed).toEqual([{ kind: "claimed", recordId: "id", fence: START_MS + 1 }]);
  });

  test("is made at a whole millisecond, with the lease and the retention of the request", async () => {
    const { tools, claims } = watched();
    const request = createRequest({ ...tools, clock: manualClock(START_MS + 0.75) });
    await claimNow(request);
    expect(claims).toMatchObject([
      {
        nowMs: START_MS,
        leaseUntilMs: START_MS + 11_000,
        expiresAtSeconds: (START_MS + DAY_MS) / 1000,
        takeover: "restart",
        entityId: undefined,
      },
    ]);
  });

  test("does not end before it is complete, where the profile resumes", async () => {
    const { tools, claims } = watched();
    await claimNow(createRequest(tools, { contract: orzcash() }));
    expect(claims).toMatchObject([{ expiresAtSeconds: undefined, takeover: "resume" }]);
  });

  test("allocates the id of the entity, which follows from the record's id", async () => {
    const { tools } = watched();
    const request = createRequest(tools, { contract: ietf({ completed: "entity" }) });
    expect((await executionOf(request)).entityId).toBe(entityIdFor("id"));
  });

  test("names the completer of the request", async () => {
    const { tools, claims } = watched();
    const contract = { interrupted: "resume", abandoned: "complete" } as const;
    const completer: Completer = { name: "pay", ...contract, event: "{}" };
    await claimNow(createRequest(tools, { completer }));
    expect(claims).toMatchObject([{ completer }]);
  });
});

test("a claim whose reply was lost is recognised as the claimant's own", async () => {
  const { tools, claims } = watched((memory) => losingReply(memory, "claim"));
  const execution = await executionOf(createRequest(tools));
  expect(execution).toMatchObject({ fence: START_MS + 1, claims: 1 });
  expect(claims).toHaveLength(1);
});

test("a lapsed claim is taken over with its start, its steps and its mark", async () => {
  const { tools } = watched();
  const request = createRequest(tools, { contract: orzcash() });
  const { owner, fence } = await claimFor(request);
  const step = { name: "reserve", result: '"r1"' };
  await tools.store.mark({ id: "id", owner, fence, nowMs: START_MS });
  await tools.store.checkpoint({ id: "id", owner, fence, index: 0, step });
  tools.clock.advance(60_000);
  expect(await executionOf(request)).toMatchObject({
    ...{ fence: START_MS + 2, claims: 2, startedAtMs: START_MS, claimedAtMs: START_MS + 60_000 },
    ...{ steps: [step], isMarked: true },
  });
});

describe("a claim in the way", () => {
  test("of the same request is in flight, and after one write the verdict is known", async () => {
    const { tools, claims } = watched();
    const request = createRequest(tools);
    const { owner } = await claimFor(request);
    expect(await claimNow(request)).toMatchObject({
      verdict: { kind: "inFlight", record: { owner } },
    });
    expect(claims).toHaveLength(2);
  });

  test("of begun work is lapsed for a route that would forget the work", async () => {
    const { tools } = watched();
    const { owner, fence } = await claimFor(createRequest(tools, { contract: orzcash() }));
    await tools.store.mark({ id: "id", owner, fence, nowMs: START_MS });
    tools.clock.advance(60_000);
    expect(await claimNow(createRequest(tools))).toMatchObject({
      verdict: { kind: "lapsed", record: { owner, begunAtMs: START_MS } },
    });
    expect(tools.observed.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
  });
});

describe("a record that has ended or was freed", () => {
  /** A freed record, and the time at which another request comes. */
  async function freed(request: KeyedRequest) {
    const { owner, fence } = await claimFor(request);
    const free = { id: "id", owner, fence, claims: 1, expiresAtSeconds: START_MS / 1000 + 3_600 };
    await request.tools.store.free(free);
    return { owner, fence, state: "FREED" as const };
  }

  test("is replaced by a second write that names exactly it, and nothing of it stays", async () => {
    const { tools, claims, memory } = watched();
    const replaces = await freed(createRequest(tools));
    tools.clock.advance(5);
    const request = createRequest(tools, { fingerprint: "another" });
    expect(await executionOf(request)).toMatchObject({
      ...{ fence: START_MS + 2, claims: 1, startedAtMs: START_MS + 5 },
      ...{ steps: [], isMarked: false },
    });
    expect(claims.map((one) => one.replaces)).toEqual([undefined, undefined, replaces]);
    expect(await memory.read("id")).toMatchObject({ state: "CLAIMED", fingerprint: "another" });
  });

  test("is replaced after the end of a response as well, by any request", async () => {
    const { tools, claims } = watched();
    const { owner, fence } = await claimFor(createRequest(tools));
    const expiresAtSeconds = START_MS / 1000 + 60;
    await tools.store.complete({ id: "id", owner, fence, response: "{}", expiresAtSeconds });
    tools.clock.advance(60_000);
    await executionOf(createRequest(tools, { fingerprint: "another" }));
    expect(claims.at(-1)?.replaces).toEqual({ owner, fence, state: "COMPLETED" });
  });

  test("is left alone by a completer's attempt, which begins no work", async () => {
    const { tools, claims } = watched();
    await freed(createRequest(tools));
    const request = createRequest(tools, { onlyLapsed: true });
    expect(await claimNow(request)).toMatchObject({ verdict: { kind: "freed" } });
    expect(claims).toHaveLength(2);
  });

  test("that is gone at the second write is claimed like an id without a record", async () => {
    let isFirst = true;
    const { tools, claims, memory } = watched((store) => ({
      async claim(request) {
        if (request.replaces === undefined && isFirst) {
          isFirst = false;
          const record = freedRecord(0);
          return { applied: false, record };
        }
        return store.claim(request);
      },
    }));
    expect(await executionOf(createRequest(tools))).toMatchObject({ claims: 1 });
    expect(claims.map(({ replaces }) => replaces?.owner)).toEqual([
      undefined,
      "other-0",
      undefined,
    ]);
    expect(await memory.read("id")).toMatchObject({ state: "CLAIMED" });
  });

  test("that changes each time is given up after four writes", async () => {
    let serial = 0;
    const { tools, claims } = watched(() => ({
      async claim() {
        serial += 1;
        return { applied: false, record: freedRecord(serial) };
      },
    }));
    expect(await claimNow(createRequest(tools))).toMatchObject({
      verdict: { kind: "freed", record: { owner: "other-4" } },
    });
    expect(claims.map(({ replaces }) => replaces?.owner)).toEqual([
      undefined,
      ...["other-1", "other-2", "other-3"],
    ]);
  });
});

describe("a claim whose reply never comes", () => {
  const silent = new StoreError("m", new Error("why"));

  /** A claim that is applied, or will be, and rejects all the same. @returns how it was freed. */
  async function undone(
    contract = gluwa(),
    before?: IdempotencyRecord,
    free?: Store["free"],
    isSlow = false,
  ) {
    const late: (() => Promise<unknown>)[] = [];
    const frees: FreeRequest[] = [];
    const { tools, claims } = watched((memory) => ({
      async claim(request) {
        if (before !== undefined && request.replaces === undefined) {
          return { applied: false, record: before };
        }
        if (before !== undefined) await memory.free(freeAs(before));
        const arrive = () => memory.claim(request);
        if (isSlow) late.push(arrive);
        else await arrive();
        throw silent;
      },
      async free(request, options) {
        frees.push(request);
        return (free ?? memory.free)(request, options);
      },
    }));
    await expect(claimNow(createRequest(tools, { contract }))).rejects.toBe(silent);
    for (const arrive of late) await arrive();
    return { frees, claims, record: await tools.store.read("id") };
  }

  /** The request that leaves the given freed record. */
  function freeAs({ id, owner, fence, fingerprint }: IdempotencyRecord): FreeRequest {
    const claim = { fingerprint, nowMs: fence - 1 };
    return { id, owner, claim, expiresAtSeconds: START_MS / 1000 + 3_600 };
  }

  test.each([
    ["an id without a record", undefined],
    ["a freed record", freedRecord(7)],
  ])("does not take %s once it arrives", async (_place, before) => {
    const { claims, record } = await undone(gluwa(), before, undefined, true);
    expect(record).toMatchObject({ state: "FREED", owner: claims[0]?.owner });
  });

  test("is freed where no repeat may take it over: nothing was ever executed under it", async () => {
    const { frees, claims, record } = await undone();
    expect(frees).toEqual([
      {
        ...{ id: "id", owner: claims[0]?.owner, fence: START_MS + 1, claims: 1 },
        expiresAtSeconds: START_MS / 1000 + 3_600,
      },
    ]);
    expect(record).toMatchObject({ state: "FREED" });
  });

  test("is freed by the fence that follows the one of the record it replaced", async () => {
    const { frees } = await undone(gluwa(), freedRecord(7));
    expect(frees).toMatchObject([{ fence: 8, claims: 1 }]);
  });

  test("leaves a freed record also where TTL has deleted the record it was to replace", async () => {
    const { tools } = watched(() => ({
      async claim({ replaces }) {
        if (replaces === undefined) return { applied: false, record: freedRecord(7) };
        throw silent;
      },
    }));
    const request = createRequest(tools, { contract: gluwa() });
    await expect(claimNow(request)).rejects.toBe(silent);
    expect(await tools.store.read("id")).toMatchObject({ state: "FREED", fence: START_MS + 1 });
  });

  test("is left to its lease where a repeat may take it over", async () => {
    expect((await undone(ietf() as never)).frees).toEqual([]);
  });

  test("fails with its own error, although it cannot be freed either", async () => {
    const { frees } = await undone(gluwa(), undefined, () => Promise.reject(new Error("no")));
    expect(frees).toHaveLength(3);
  });
});

test("each claimant has an owner of its own, and the fingerprint of the request", () => {
  const request = createRequest(createTools({ randomUUID: () => "the same" }));
  const [one, other] = [newOwner(request), newOwner(request)];
  expect(one.owner).not.toBe(other.owner);
  expect(one.fingerprint).toBe("same");
});

function freedRecord(serial: number): IdempotencyRecord {
  return {
    ...{ id: "id", owner: `other-${serial}`, fence: serial, fingerprint: "same", state: "FREED" },
    expiresAtSeconds: START_MS / 1000 + 3_600,
  };
}

describe("in a durable execution,", () => {
  const LONG_MS = 30 * DAY_MS;
  const LONG_LEASE_MS = START_MS + LONG_MS + 1_000;
  /** The same request in another invocation of the execution. */
  const invoked = (tools: Tools, changes: Partial<KeyedRequest> = {}) =>
    createRequest(tools, {
      durable: { id: "execution", timeoutMs: LONG_MS, owners: new Set() },
      ...changes,
    });

  test("the first claim lasts as long as the execution, and does not end before", async () => {
    const { tools, claims } = watched();
    const execution = await executionOf(invoked(tools));
    expect(execution.owner).toMatch(/^execution\.[\w-]{43}$/);
    expect(execution.replaysUntilMs).toBe(LONG_LEASE_MS);
    expect(claims).toMatchObject([
      { leaseUntilMs: LONG_LEASE_MS, expiresAtSeconds: LONG_LEASE_MS / 1000 },
    ]);
  });

  test("a long retention is not shortened", async () => {
    const { tools, claims } = watched();
    const contract = ietf({ retention: { seconds: (2 * LONG_MS) / 1000, from: "claim" } });
    await claimNow(invoked(tools, { contract }));
    expect(claims).toMatchObject([{ expiresAtSeconds: (START_MS + 2 * LONG_MS) / 1000 }]);
  });

  test("the next invocation takes a suspended claim over, with its lease, its end and its start", async () => {
    const { tools, claims } = watched();
    const first = await executionOf(invoked(tools));
    tools.clock.advance(10 * DAY_MS);
    const second = await executionOf(invoked(tools));
    expect(second).toMatchObject({
      ...{ fence: START_MS + 2, claims: 2, startedAtMs: START_MS, replaysUntilMs: LONG_LEASE_MS },
      claimedAtMs: START_MS + 10 * DAY_MS,
    });
    expect(claims[2]).toMatchObject({
      ...{ leaseUntilMs: LONG_LEASE_MS, expiresAtSeconds: LONG_LEASE_MS / 1000 },
      rewrites: {
        ...{ owner: first.owner, fence: first.fence, state: "CLAIMED" },
        suspendedUntilMs: LONG_LEASE_MS,
      },
    });
    const { id, owner, fence } = { ...first, id: "id" };
    const late = { id, owner, fence: fence ?? 0, response: "{}", expiresAtSeconds: undefined };
    expect(await tools.store.complete(late)).toMatchObject({ applied: false });
  });

  test("a lost reply of the same claim is no takeover", async () => {
    const { tools, claims } = watched((memory) => losingReply(memory, "claim"));
    expect(await executionOf(invoked(tools))).toMatchObject({ claims: 1 });
    expect(claims).toHaveLength(1);
  });

  test("a lost reply of a takeover counts once", async () => {
    let loses = false;
    const { tools, claims } = watched((memory) => {
      const losing = losingReply(memory, "claim");
      return { claim: (...given) => (loses ? losing : memory).claim(...given) };
    });
    await claimNow(invoked(tools));
    loses = true;
    expect(await executionOf(invoked(tools))).toMatchObject({ fence: START_MS + 2, claims: 2 });
    expect(claims).toHaveLength(3);
  });

  test("another call of the same invocation is in flight", async () => {
    const { tools } = watched();
    const request = invoked(tools);
    await claimNow(request);
    expect(await claimNow(request)).toMatchObject({ verdict: { kind: "inFlight" } });
  });

  test("another execution is in flight until the lease is over, and takes over then", async () => {
    const { tools } = watched();
    await claimNow(invoked(tools));
    const durable = { id: "other", timeoutMs: LONG_MS, owners: new Set<string>() };
    tools.clock.advance(LONG_MS);
    expect(await claimNow(invoked(tools, { durable }))).toMatchObject({
      verdict: { kind: "inFlight" },
    });
    tools.clock.advance(1_001);
    expect(await executionOf(invoked(tools, { durable }))).toMatchObject({ claims: 1 });
    expect(await claimNow(invoked(tools))).toMatchObject({ verdict: { kind: "inFlight" } });
  });

  test("a replay after the lease goes on, for as long as its invocation lasts", async () => {
    const { tools, claims } = watched();
    await claimNow(invoked(tools));
    tools.clock.advance(2 * LONG_MS);
    const nowMs = START_MS + 2 * LONG_MS;
    expect(await executionOf(invoked(tools))).toMatchObject({ startedAtMs: START_MS, claims: 2 });
    expect(claims.at(-1)).toMatchObject({
      ...{ leaseUntilMs: nowMs + 11_000, expiresAtSeconds: nowMs / 1000 + 11 },
    });
  });

  test("a claim of a profile that refuses interrupted requests goes on, but not once released", async () => {
    const { tools } = watched();
    const request = () => invoked(tools, { contract: gluwa() });
    await claimNow(request());
    const second = await executionOf(request());
    expect(second).toMatchObject({ claims: 2 });
    const { owner, fence = 0 } = second;
    await tools.store.release({ id: "id", owner, fence });
    expect(await claimNow(request())).toMatchObject({ verdict: { kind: "lapsed" } });
  });

  test("a request that began goes on under a route that resumes it, and under no other", async () => {
    const { tools, claims } = watched();
    const first = await executionOf(invoked(tools, { contract: orzcash() }));
    const { owner, fence = 0 } = first;
    await tools.store.mark({ id: "id", owner, fence, nowMs: START_MS });
    expect(await claimNow(invoked(tools))).toMatchObject({ verdict: { kind: "suspended" } });
    const resumed = await executionOf(invoked(tools, { contract: orzcash() }));
    expect(resumed).toMatchObject({ claims: 2, isMarked: true });
    expect(claims.at(-1)).toMatchObject({ expiresAtSeconds: undefined, takeover: "resume" });
  });

  test("a completer's attempt, which begins no work, goes on as well", async () => {
    const { tools } = watched();
    await claimNow(invoked(tools));
    expect(await executionOf(invoked(tools, { onlyLapsed: true }))).toMatchObject({ claims: 2 });
  });

  test("a claim that was released since it was seen is judged again", async () => {
    let releases = 1;
    const { tools, claims, memory } = watched((stored) => ({
      async claim(request, options) {
        const found = await stored.read("id");
        if (request.rewrites && found && releases-- > 0) await stored.release(found);
        return stored.claim(request, options);
      },
    }));
    await claimNow(invoked(tools));
    const second = await claimNow(invoked(tools));
    expect(second).toMatchObject({ verdict: { kind: "lapsed" } });
    expect(await executionOf(invoked(tools))).toMatchObject({ claims: 2 });
    expect(claims).toHaveLength(4);
    expect(await memory.read("id")).toMatchObject({ state: "CLAIMED" });
  });

  test("a takeover whose fate is unknown is not undone: the next invocation goes on", async () => {
    const freed: FreeRequest[] = [];
    const { tools } = watched((memory) => ({
      async claim(request, options) {
        if (request.rewrites) throw new StoreError("lost", undefined);
        return memory.claim(request, options);
      },
      async free(request) {
        freed.push(request);
        return { applied: false, record: undefined };
      },
    }));
    const request = () => invoked(tools, { contract: gluwa(), takeover: "never" });
    await claimNow(request());
    await expect(claimNow(request())).rejects.toThrow("lost");
    expect(freed).toEqual([]);
  });
});
