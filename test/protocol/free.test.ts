import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { gluwa, ietf, memoryStore } from "../../lib/index.ts";
import { enterUnclaimed } from "../../lib/protocol/enter.ts";
import type { KeyedRequest } from "../../lib/protocol/execution.ts";
import { free } from "../../lib/protocol/free.ts";
import type { ClaimedExecution } from "../../lib/protocol/settle.ts";
import type { FreeRequest, Store } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";
import {
  claimFor,
  createRequest,
  createTools,
  losingReply,
  type TestTools,
} from "../support/keyed-request.ts";

const FREED_UNTIL_SECONDS = START_MS / 1000 + 3_600;
const owned = ({ request, owner, fence }: ClaimedExecution) => ({ id: request.id, owner, fence });

describe("a claim whose request was refused for good", () => {
  /** A request that has claimed its record, over a store of which some calls are otherwise. */
  async function claimed(change: (memory: Store) => Store = (memory) => memory) {
    const tools = createTools({ store: change(memoryStore()) });
    const request = createRequest(tools);
    const execution = await claimFor(request);
    return { tools, request, execution };
  }

  test("leaves a freed record for an hour, and the refusal stands", async () => {
    const { tools, execution } = await claimed();
    expect(await free(execution)).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toEqual({
      ...{ ...owned(execution), fingerprint: "same", state: "FREED" },
      refused: [":same"],
      expiresAtSeconds: FREED_UNTIL_SECONDS,
    });
    expect(tools.observed.at(-1)).toEqual({
      kind: "freed",
      recordId: "id",
      fence: execution.fence,
    });
  });

  test("is recognised as freed after the reply was lost", async () => {
    const { execution } = await claimed((memory) => losingReply(memory, "free"));
    expect(await free(execution)).toEqual({ kind: "stands" });
  });

  test.each<[string, (store: Store, execution: ClaimedExecution) => unknown]>([
    [
      "a step is recorded",
      (store, one) => store.checkpoint({ ...owned(one), index: 0, step: { name: "debit" } }),
    ],
    ["it has the begun mark", (store, one) => store.mark({ ...owned(one), nowMs: START_MS })],
  ])("is not freed if %s: the refusal is recorded under it", async (_why, begin) => {
    const { tools, execution } = await claimed();
    await begin(tools.store, execution);
    expect(await free(execution)).toEqual({ kind: "begun", execution });
    expect(await tools.store.read("id")).toMatchObject({ state: "CLAIMED" });
  });

  test("is not freed if another execution held it in between: the refusal is recorded under it", async () => {
    const { execution } = await claimed((memory) => ({
      ...memory,
      free: (request) => memory.free({ ...request, claims: 2 } as FreeRequest),
    }));
    expect(await free(execution)).toEqual({ kind: "begun", execution });
  });

  test("and was taken over is left to its successor", async () => {
    const { tools, request, execution } = await claimed();
    tools.clock.advance(60_000);
    const successor = await claimFor(request);
    expect(await free(execution)).toMatchObject({ refusal: { code: "claim_lost" } });
    expect(await tools.store.read("id")).toMatchObject({ ...owned(successor), state: "CLAIMED" });
    expect(tools.observed.map(({ kind }) => kind).slice(-2)).toEqual(["fenced", "refused"]);
  });

  test("and was completed by its successor gives way to the response", async () => {
    const { tools, request, execution } = await claimed();
    tools.clock.advance(60_000);
    const completion = { ...owned(await claimFor(request)), response: "{}" };
    await tools.store.complete({ ...completion, expiresAtSeconds: undefined });
    expect(await free(execution)).toEqual({ kind: "replay", response: "{}" });
  });

  test("and was deleted meanwhile is lost", async () => {
    const { execution } = await claimed((memory) => ({
      ...memory,
      free: async () => ({ applied: false, record: undefined }),
    }));
    expect(await free(execution)).toMatchObject({ refusal: { code: "claim_lost" } });
  });

  test("keeps its refusal back if the store does not say that it is freed", async () => {
    const cause = new StoreError("m", new Error("why"));
    const { tools, execution } = await claimed((memory) => ({
      ...memory,
      free: () => Promise.reject(cause),
    }));
    expect(await free(execution)).toEqual({
      kind: "refuse",
      refusal: { code: "outcome_not_recorded", cause },
    });
    expect(tools.observed.map(({ kind }) => kind)).not.toContain("freed");
  });

  test("is freed at last, although the store had no capacity at first", async () => {
    let sends = 0;
    const { execution } = await claimed((memory) => ({
      ...memory,
      async free(request) {
        sends += 1;
        if (sends < 3) throw new StoreError("m", new Error("why"), "throttled");
        return memory.free(request);
      },
    }));
    expect(await free(execution)).toEqual({ kind: "stands" });
  });
});

describe("a refused request that has claimed nothing", () => {
  const unclaimed = (tools: TestTools, changes: Partial<KeyedRequest> = {}) =>
    enterUnclaimed(createRequest(tools, { takeover: "restart", ...changes }));

  test("leaves a freed record under an id without a record", async () => {
    const tools = createTools();
    const execution = unclaimed(tools);
    expect(await free(execution)).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toEqual({
      ...{ id: "id", owner: execution.owner, fence: START_MS + 1, fingerprint: "same" },
      ...{ state: "FREED", expiresAtSeconds: FREED_UNTIL_SECONDS, refused: [":same"] },
    });
    expect(tools.observed).toEqual([{ kind: "freed", recordId: "id", fence: undefined }]);
  });

  test("is recognised as freed after the reply was lost", async () => {
    const tools = createTools({ store: losingReply(memoryStore(), "free") });
    expect(await free(unclaimed(tools))).toEqual({ kind: "stands" });
  });

  test("replaces an earlier freed record, so that it lasts from now on", async () => {
    const tools = createTools();
    await free(unclaimed(tools));
    tools.clock.advance(60_000);
    const execution = unclaimed(tools, { fingerprint: "another" });
    expect(await free(execution)).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({
      ...{ owner: execution.owner, fence: START_MS + 2, fingerprint: "another" },
      expiresAtSeconds: FREED_UNTIL_SECONDS + 60,
    });
  });

  test("replaces a record that has ended", async () => {
    const tools = createTools();
    const first = await claimFor(createRequest(tools));
    const expiresAtSeconds = START_MS / 1000 + 60;
    await tools.store.complete({ ...owned(first), response: "{}", expiresAtSeconds });
    tools.clock.advance(60_000);
    expect(await free(unclaimed(tools))).toEqual({ kind: "stands" });
    const record = await tools.store.read("id");
    expect(record).toMatchObject({ state: "FREED", fence: first.fence + 1 });
    expect(record).not.toHaveProperty("response");
  });

  test("takes a lapsed claim, under which its refusal is recorded: the work may have begun", async () => {
    const tools = createTools();
    const first = await claimFor(createRequest(tools));
    tools.clock.advance(60_000);
    const freed = await free(unclaimed(tools));
    expect(freed).toMatchObject({
      kind: "begun",
      execution: { fence: first.fence + 1, claims: 2 },
    });
    expect(await tools.store.read("id")).toMatchObject({ state: "CLAIMED", claims: 2 });
  });

  test.each<[string, (store: Store, first: ClaimedExecution) => unknown, object]>([
    ["a claim in flight", () => {}, { refusal: { code: "request_in_flight" } }],
    [
      "a response, which the client gets",
      (store, first) =>
        store.complete({ ...owned(first), response: "{}", expiresAtSeconds: undefined }),
      { kind: "replay", response: "{}" },
    ],
  ])("gives way to %s", async (_what, end, expected) => {
    const tools = createTools();
    await end(tools.store, await claimFor(createRequest(tools)));
    const record = await tools.store.read("id");
    expect(await free(unclaimed(tools))).toMatchObject(expected);
    expect(await tools.store.read("id")).toEqual(record);
  });

  test("gives way to another request under its key", async () => {
    const tools = createTools();
    await claimFor(createRequest(tools));
    const other = unclaimed(tools, { fingerprint: "another" });
    // Its owner is at work, and may yet leave the key to an earlier execution of this request.
    expect(await free(other)).toMatchObject({ refusal: { code: "request_in_flight" } });
    // Its lease is over by every clock.
    tools.clock.advance(60 * 60_000);
    expect(await free(other)).toMatchObject({ refusal: { code: "payload_mismatch" } });
  });

  test("gives way to a lapsed claim that it may not take over", async () => {
    const tools = createTools();
    await claimFor(createRequest(tools, { contract: gluwa() }));
    tools.clock.advance(60_000);
    const execution = unclaimed(tools, { contract: gluwa(), takeover: "never" });
    expect(await free(execution)).toMatchObject({ refusal: { code: "request_interrupted" } });
  });

  test("gives way to begun work, although the claim of it has lapsed", async () => {
    const tools = createTools();
    const first = await claimFor(
      createRequest(tools, { contract: ietf({ interrupted: "resume" }) }),
    );
    await tools.store.mark({ ...owned(first), nowMs: START_MS });
    tools.clock.advance(60_000);
    expect(await free(unclaimed(tools))).toMatchObject({
      refusal: { code: "request_interrupted" },
    });
    expect(await tools.store.read("id")).toMatchObject({ state: "CLAIMED", begunAtMs: START_MS });
  });

  test("is told to come again if the record changes with each of four writes", async () => {
    const asked: FreeRequest[] = [];
    const store: Store = {
      ...memoryStore(),
      async free(request) {
        asked.push(request);
        const owner = `other-${asked.length}`;
        const record = { id: "id", owner, fence: asked.length, fingerprint: "same" };
        return { applied: false, record: { ...record, state: "FREED" } };
      },
    };
    expect(await free(unclaimed(createTools({ store })))).toMatchObject({
      refusal: { code: "request_in_flight" },
    });
    expect(asked.map((one) => "replaces" in one && one.replaces?.owner)).toEqual([
      undefined,
      ...["other-1", "other-2", "other-3"],
    ]);
  });

  test("starts again if the record in its way is gone", async () => {
    const memory = memoryStore();
    let sends = 0;
    const store: Store = {
      ...memory,
      async free(request) {
        sends += 1;
        return sends === 1 ? { applied: false, record: undefined } : memory.free(request);
      },
    };
    expect(await free(unclaimed(createTools({ store })))).toEqual({ kind: "stands" });
    expect(sends).toBe(2);
  });

  test("keeps its refusal back if the store does not say that it is freed", async () => {
    const cause = new StoreError("m", new Error("why"));
    const store = { ...memoryStore(), free: () => Promise.reject(cause) };
    expect(await free(unclaimed(createTools({ store })))).toEqual({
      kind: "refuse",
      refusal: { code: "outcome_not_recorded", cause },
    });
  });
});
