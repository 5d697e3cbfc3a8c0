import { describe, expect, test } from "@jest/globals";
import { CommitError, CommitRefused, RecordError, StoreError } from "../../lib/errors.ts";
import { gluwa, ietf, memoryStore } from "../../lib/index.ts";
import { commit } from "../../lib/protocol/commit.ts";
import { complete } from "../../lib/protocol/complete.ts";
import { enterUnclaimed } from "../../lib/protocol/enter.ts";
import type { KeyedRequest, Tools } from "../../lib/protocol/execution.ts";
import { free } from "../../lib/protocol/free.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { CommitRequest, Store } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";
import { claimFor, committingStore, createRequest, createTools } from "../support/keyed-request.ts";

const COMMIT = { writes: [], response: "{}", mayFree: true };

/** Tools over a store in which every transaction collides, and the other calls of the store. */
function colliding(changes: Partial<Store> = {}) {
  const memory = memoryStore();
  const asked: string[] = [];
  const noting = (name: "release" | "free") => async (request: never) => {
    asked.push(name);
    return memory[name](request);
  };
  const store: Store = {
    ...memory,
    ...{ release: noting("release"), free: noting("free") },
    commit: async () => ({ applied: false, mayBeApplied: false }),
    ...changes,
  };
  return { tools: createTools({ store }), asked };
}

describe("after collisions without end", () => {
  const remainingMs = () => 1_000;

  test.each([
    ["released, where another may take it over", "restart", true, ["release"]],
    ["freed, if no repeat may, and nothing has begun", "refuse", true, ["free"]],
    ["released, if no repeat may, and something has begun", "refuse", false, ["release"]],
  ] as const)("the claim is %s", async (_what, interrupted, mayFree, expected) => {
    const { tools, asked } = colliding();
    const request = createRequest(tools, { contract: ietf({ interrupted }), remainingMs });
    const exit = await commit(await claimFor(request), { ...COMMIT, mayFree });
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
    expect(asked).toEqual(expected);
  });

  test.each(["restart", "refuse"] as const)(
    "the claim stays for the next invocation of a durable execution (interrupted: %s)",
    async (interrupted) => {
      const { tools, asked } = colliding();
      const durable = { id: "execution", timeoutMs: 60_000, owners: new Set<string>() };
      const contract = ietf({ interrupted });
      const request = createRequest(tools, { contract, remainingMs, durable });
      const exit = await commit(await claimFor(request), COMMIT);
      expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
      expect(asked).toEqual([]);
    },
  );

  test("nothing is ended where nothing was claimed", async () => {
    const { tools, asked } = colliding();
    const exit = await commit(enterUnclaimed(createRequest(tools, { remainingMs })), COMMIT);
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
    expect(asked).toEqual([]);
  });

  test("a claim that cannot be ended lapses by itself", async () => {
    const { tools } = colliding({ release: () => Promise.reject(new Error("throttled")) });
    const exit = await commit(await claimFor(createRequest(tools, { remainingMs })), COMMIT);
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
  });

  test("the outcome is unknown if a send may have been applied, and the claim stays", async () => {
    const { tools, asked } = colliding({
      commit: async () => ({ applied: false, mayBeApplied: true }),
    });
    const exit = await commit(await claimFor(createRequest(tools, { remainingMs })), COMMIT);
    expect(exit).toEqual({ kind: "refuse", refusal: { code: "outcome_not_recorded" } });
    expect(asked).toEqual([]);
  });
});

describe("an error of the commit", () => {
  const failingWith = (error: Error) => colliding({ commit: () => Promise.reject(error) }).tools;

  test.each([new CommitRefused(0, undefined), new CommitError("m")])(
    "goes on to the handler if nothing was written: %s",
    async (error) => {
      const execution = await claimFor(createRequest(failingWith(error)));
      await expect(commit(execution, COMMIT)).rejects.toBe(error);
    },
  );

  test.each([
    [new StoreError("m", new Error("why")), "outcome_not_recorded"],
    [new RecordError("m"), "record_unreadable"],
  ])("is a refusal if the outcome is unknown: %s", async (cause, code) => {
    const execution = await claimFor(createRequest(failingWith(cause)));
    const refusal = { code, cause };
    expect(await commit(execution, COMMIT)).toEqual({ kind: "refuse", refusal });
  });
});

test("a commit of unknown outcome frees nothing in a durable execution", async () => {
  const { tools, asked } = colliding({ commit: () => Promise.reject(new StoreError("m", 1)) });
  const durable = { id: "execution", timeoutMs: 60_000, owners: new Set<string>() };
  const request = createRequest(tools, { contract: gluwa(), durable });
  const exit = await commit(await claimFor(request), COMMIT);
  expect(exit).toMatchObject({ refusal: { code: "outcome_not_recorded" } });
  expect(asked).toEqual([]);
});

/** Business writes that are refused once or always, and those that were applied. */
function business(mostRefusals = 0) {
  const applied: CommitRequest[] = [];
  let refusals = 0;
  const tools = createTools({
    store: committingStore((sent) => {
      refusals += 1;
      if (refusals <= mostRefusals) throw new CommitRefused(0, undefined);
      applied.push(sent);
    }),
  });
  return { tools, applied };
}

const unclaimed = (tools: Tools, changes: Partial<KeyedRequest> = {}, seen?: IdempotencyRecord) =>
  enterUnclaimed(createRequest(tools, { takeover: "restart", ...changes }), seen);

test("a commit under a claim completes it", async () => {
  const { tools, applied } = business();
  expect(await commit(await claimFor(createRequest(tools)), COMMIT)).toEqual({ kind: "stands" });
  expect(applied).toHaveLength(1);
  expect(await tools.store.read("id")).toMatchObject({ state: "COMPLETED", response: "{}" });
});

describe("a commit that claims", () => {
  test("takes an id without a record in the same transaction", async () => {
    const { tools, applied } = business();
    expect(await commit(unclaimed(tools), COMMIT)).toEqual({ kind: "stands" });
    expect(applied).toMatchObject([{ completion: { claim: { fingerprint: "same" } } }]);
    expect(tools.observed).toEqual([{ kind: "completed", recordId: "id", fence: undefined }]);
  });

  test("claims a lapsed claim first, and follows under that claim", async () => {
    const { tools, applied } = business();
    const first = await claimFor(createRequest(tools));
    tools.clock.advance(60_000);
    expect(await commit(unclaimed(tools), COMMIT)).toEqual({ kind: "stands" });
    const fence = first.fence + 1;
    expect(applied).toMatchObject([{ completion: { fence } }]);
    expect(tools.observed.slice(1)).toEqual([
      { kind: "claimed", recordId: "id", fence },
      { kind: "completed", recordId: "id", fence },
    ]);
    // A transaction of its own, or DynamoDB would take it for the refused one.
    expect(new Set(applied.map(({ token }) => token)).size).toBe(applied.length);
  });

  test("commits nothing where the request was refused after its handler began", async () => {
    const { tools, applied } = business();
    const early = unclaimed(tools);
    await free(unclaimed(tools));
    expect(await commit(early, COMMIT)).toEqual({ kind: "refuse", refusal: { code: "key_freed" } });
    expect(applied).toEqual([]);
    expect(tools.freedIds.has("id")).toBe(true);
  });

  test("commits where its execution saw the freed record before its handler began", async () => {
    const { tools, applied } = business();
    await free(unclaimed(tools));
    const seen = await tools.store.read("id");
    expect(await commit(unclaimed(tools, {}, seen), COMMIT)).toEqual({ kind: "stands" });
    expect(applied).toHaveLength(1);
  });

  test("commits nothing beside a claim in flight, or begun work that it would forget", async () => {
    const { tools, applied } = business();
    const contract = ietf({ interrupted: "resume" });
    const { owner, fence } = await claimFor(createRequest(tools, { contract }));
    expect(await commit(unclaimed(tools), COMMIT)).toMatchObject({
      refusal: { code: "request_in_flight" },
    });
    await tools.store.mark({ id: "id", owner, fence, nowMs: START_MS });
    tools.clock.advance(60_000);
    expect(await commit(unclaimed(tools), COMMIT)).toMatchObject({
      refusal: { code: "request_interrupted" },
    });
    expect(applied).toEqual([]);
  });
});

describe("a commit that claims a record in its way, and is refused by the business,", () => {
  /** Something stands under the id: a freed record, an ended response, or a lapsed claim. */
  const SCENES: Record<string, (tools: ReturnType<typeof createTools>) => Promise<unknown>> = {
    "a freed record": (tools) => free(unclaimed(tools)),
    async "an ended response"(tools) {
      const contract = ietf({ retention: { seconds: 60, from: "claim" } });
      await complete(await claimFor(createRequest(tools, { contract })), "{}");
      tools.clock.advance(60_000);
    },
    async "a lapsed claim"(tools) {
      await claimFor(createRequest(tools));
      tools.clock.advance(60_000);
    },
  };

  describe.each(Object.keys(SCENES))("in place of %s,", (scene) => {
    /** The execution of a handler whose commit was refused. */
    async function refused(changes: Partial<KeyedRequest> = {}, mayFree = true) {
      const { tools, applied } = business(1);
      await SCENES[scene]?.(tools);
      const execution = unclaimed(tools, changes, await tools.store.read("id"));
      const refusal = { name: "IdempotencyCommitRefused" };
      await expect(commit(execution, { ...COMMIT, mayFree })).rejects.toMatchObject(refusal);
      return { tools, applied, execution };
    }

    test("goes on without a claim: its refusal can be recorded", async () => {
      const { tools, execution } = await refused();
      expect(await complete(execution, '{"statusCode":422}')).toEqual({ kind: "stands" });
      expect(await tools.store.read("id")).toMatchObject({
        state: "COMPLETED",
        response: '{"statusCode":422}',
      });
    });

    test("goes on without a claim: another commit of it can be made", async () => {
      const { tools, applied, execution } = await refused();
      expect(await commit(execution, COMMIT)).toEqual({ kind: "stands" });
      expect(applied).toHaveLength(1);
      expect(await tools.store.read("id")).toMatchObject({ state: "COMPLETED" });
    });

    test("goes on without a claim, also if effects elsewhere are possible", async () => {
      const { execution } = await refused({}, false);
      expect(await complete(execution, '{"statusCode":422}')).toEqual({ kind: "stands" });
    });

    test("goes on without a claim: its refusal can be given without a record", async () => {
      const { execution } = await refused();
      const freed = await free(execution);
      if (freed.kind !== "begun") expect(freed).toEqual({ kind: "stands" });
      else expect(await complete(freed.execution, "{}")).toEqual({ kind: "stands" });
    });

    test("leaves the key to the next attempt", async () => {
      const { tools } = await refused();
      const next = unclaimed(tools, {}, await tools.store.read("id"));
      expect(await commit(next, COMMIT)).toEqual({ kind: "stands" });
    });
  });

  test("leaves a key that a profile without takeovers can still use", async () => {
    const { tools } = business(1);
    const changes = { contract: gluwa(), takeover: "never" } as const;
    await free(unclaimed(tools, changes));
    const execution = unclaimed(tools, changes, await tools.store.read("id"));
    await expect(commit(execution, COMMIT)).rejects.toMatchObject({ code: "commit_refused" });
    expect(await complete(execution, '{"statusCode":422}')).toEqual({ kind: "stands" });
  });

  test("stops at a record that another execution has freed meanwhile", async () => {
    const { tools, applied } = business(1);
    await free(unclaimed(tools));
    const execution = unclaimed(tools, {}, await tools.store.read("id"));
    await expect(commit(execution, COMMIT)).rejects.toMatchObject({ code: "commit_refused" });
    await free(unclaimed(tools));
    expect(await commit(execution, COMMIT)).toMatchObject({ refusal: { code: "key_freed" } });
    expect(applied).toEqual([]);
  });
});
