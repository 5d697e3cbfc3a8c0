import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { gluwa, ietf, memoryStore, orzcash } from "../../lib/index.ts";
import { refusalName } from "../../lib/protocol/comparison.ts";
import { acceptCompletion, complete, createCompletion } from "../../lib/protocol/complete.ts";
import { enterUnclaimed } from "../../lib/protocol/enter.ts";
import type { KeyedRequest, Tools } from "../../lib/protocol/execution.ts";
import { free } from "../../lib/protocol/free.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { ClaimedExecution } from "../../lib/protocol/settle.ts";
import type { Store } from "../../lib/protocol/store.ts";
import { entityIdFor } from "../../lib/protocol/unique.ts";
import { manualClock, START_MS } from "../support/clock.ts";
import {
  claimFor,
  createRequest,
  createTools,
  losingReply,
  type TestTools,
} from "../support/keyed-request.ts";

const DAY_SECONDS = 24 * 60 * 60;
const NOW_SECONDS = START_MS / 1000;
const owned = ({ request, owner, fence }: ClaimedExecution) => ({ id: request.id, owner, fence });
const entity = ietf({ completed: "entity" });

describe("under a claim, a response", () => {
  test("is recorded, and stands", async () => {
    const tools = createTools();
    const execution = await claimFor(createRequest(tools));
    expect(await complete(execution, "{}")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({
      ...{ ...owned(execution), state: "COMPLETED", response: "{}" },
      expiresAtSeconds: NOW_SECONDS + DAY_SECONDS,
    });
    const { fence } = execution;
    expect(tools.observed.at(-1)).toEqual({ kind: "completed", recordId: "id", fence });
  });

  test("stands after the reply to its completion was lost", async () => {
    const tools = createTools({ store: losingReply(memoryStore(), "complete") });
    expect(await complete(await claimFor(createRequest(tools)), "{}")).toEqual({ kind: "stands" });
  });

  test("that comes after the end of its record is recorded, and kept for its whole retention", async () => {
    const tools = createTools();
    const contract = ietf({ retention: { seconds: 60, from: "claim" } });
    const execution = await claimFor(createRequest(tools, { contract }));
    tools.clock.advance(3_600_000);
    expect(await complete(execution, "{}")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({
      state: "COMPLETED",
      expiresAtSeconds: NOW_SECONDS + 3_660,
    });
  });

  test("gives way to the response of the execution that took the claim over", async () => {
    const tools = createTools();
    const request = createRequest(tools);
    const execution = await claimFor(request);
    tools.clock.advance(60_000);
    await complete(await claimFor(request), '{"of":"the second"}');
    const replay = { kind: "replay", response: '{"of":"the second"}' };
    expect(await complete(execution, "{}")).toEqual(replay);
  });

  test("is withheld if the claim is another's, freed or gone", async () => {
    for (const record of [
      undefined,
      { id: "id", owner: "other", fence: 9, fingerprint: "same", state: "FREED" } as const,
    ]) {
      const store: Store = {
        ...memoryStore(),
        complete: async () => ({ applied: false, record }),
      };
      const execution = await claimFor(createRequest(createTools({ store })));
      expect(await complete(execution, "{}")).toMatchObject({ refusal: { code: "claim_lost" } });
    }
  });

  test("is withheld if the store does not say that it is recorded", async () => {
    const cause = new StoreError("m", new Error("why"));
    const store = { ...memoryStore(), complete: () => Promise.reject(cause) };
    const execution = await claimFor(createRequest(createTools({ store })));
    const refusal = { code: "outcome_not_recorded", cause };
    expect(await complete(execution, "{}")).toEqual({ kind: "refuse", refusal });
  });
});

describe("without a claim before the handler, a response", () => {
  const unclaimed = (tools: Tools, changes: Partial<KeyedRequest> = {}, seen?: IdempotencyRecord) =>
    enterUnclaimed(createRequest(tools, { takeover: "restart", ...changes }), seen);

  test("takes an id without a record, with the entity's id", async () => {
    const tools = createTools();
    const execution = unclaimed(tools, { contract: entity });
    expect(await complete(execution, "{}")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toEqual({
      ...{ id: "id", owner: execution.owner, fence: START_MS + 1, fingerprint: "same" },
      ...{ state: "COMPLETED", response: "{}", entityId: entityIdFor("id") },
      expiresAtSeconds: NOW_SECONDS + DAY_SECONDS,
    });
  });

  test("stands after the reply to its completion was lost", async () => {
    const tools = createTools({ store: losingReply(memoryStore(), "complete") });
    expect(await complete(unclaimed(tools), "{}")).toEqual({ kind: "stands" });
  });

  test.each<[string, (tools: TestTools, first: ClaimedExecution) => unknown, object]>([
    [
      "a lapsed claim, which it takes over",
      (tools) => tools.clock.advance(60_000),
      { fence: START_MS + 2 },
    ],
    [
      "a response that has ended, which it replaces",
      async (tools, first) => {
        const expiresAtSeconds = NOW_SECONDS + 60;
        await tools.store.complete({ ...owned(first), response: "old", expiresAtSeconds });
        tools.clock.advance(60_000);
      },
      { fence: START_MS + 2 },
    ],
  ])("is recorded under a claim of its own where it meets %s", async (_what, change, expected) => {
    const tools = createTools();
    await change(tools, await claimFor(createRequest(tools)));
    expect(await complete(unclaimed(tools), "{}")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({
      ...{ state: "COMPLETED", response: "{}" },
      ...expected,
    });
  });

  test("is recorded if the record in its way is gone when it claims", async () => {
    const memory = memoryStore();
    let sends = 0;
    const store: Store = {
      ...memory,
      async complete(request) {
        sends += 1;
        return sends === 1 ? { applied: false, record: undefined } : memory.complete(request);
      },
    };
    expect(await complete(unclaimed(createTools({ store })), "{}")).toEqual({ kind: "stands" });
    expect(await memory.read("id")).toMatchObject({ state: "COMPLETED", fence: START_MS + 1 });
  });

  describe("meets a freed record", () => {
    async function freed() {
      const tools = createTools();
      const first = await claimFor(createRequest(tools));
      const early = unclaimed(tools);
      const expiresAtSeconds = NOW_SECONDS + 3_600;
      const refused = refusalName(first);
      await tools.store.free({ ...owned(first), claims: 1, expiresAtSeconds, refused });
      const record = await tools.store.read("id");
      return { tools, early, record };
    }

    test("that it did not see before its handler ran: it is withheld, and the next attempt reads", async () => {
      const { tools, early, record } = await freed();
      expect(await complete(early, "{}")).toEqual({
        kind: "refuse",
        refusal: { code: "key_freed" },
      });
      expect(await tools.store.read("id")).toEqual(record);
      expect(tools.freedIds.has("id")).toBe(true);
    });

    test("that names other requests only: it is recorded, though it did not see the record", async () => {
      const { tools } = await freed();
      const corrected = unclaimed(tools, { fingerprint: "corrected" });
      expect(await complete(corrected, "{}")).toEqual({ kind: "stands" });
    });

    test("that names its request and, since, another one: it is withheld", async () => {
      const { tools, early, record } = await freed();
      const other = unclaimed(tools, { fingerprint: "other" }, record);
      expect(await free(other)).toEqual({ kind: "stands" });
      expect(await complete(early, "{}")).toMatchObject({ refusal: { code: "key_freed" } });
    });

    test("that a request has taken and left since: it is withheld", async () => {
      const { tools, early } = await freed();
      const other = await claimFor(createRequest(tools, { fingerprint: "other" }));
      expect(await free(other)).toEqual({ kind: "stands" });
      expect(await complete(early, "{}")).toMatchObject({ refusal: { code: "key_freed" } });
    });

    test("that names a request under another scheme, which may be the same: it is withheld", async () => {
      const { tools } = await freed();
      const deployed = unclaimed(tools, { fingerprint: "new", scheme: "scheme-2" });
      expect(await complete(deployed, "{}")).toMatchObject({ refusal: { code: "key_freed" } });
    });

    test("that it saw before its handler ran: it is recorded", async () => {
      const { tools, record } = await freed();
      expect(await complete(unclaimed(tools, {}, record), "{}")).toEqual({ kind: "stands" });
      expect(await tools.store.read("id")).toMatchObject({
        state: "COMPLETED",
        fence: START_MS + 2,
      });
      expect(tools.freedIds.has("id")).toBe(false);
    });

    test.each(["owner", "fence"] as const)(
      "of which it saw another before (%s): it is withheld",
      async (part) => {
        const { tools, record } = await freed();
        if (record?.state !== "FREED") throw new Error("The key is not freed.");
        const other = { ...record, ...{ owner: { owner: "o" }, fence: { fence: 7 } }[part] };
        expect(await complete(unclaimed(tools, {}, other), "{}")).toMatchObject({
          refusal: { code: "key_freed" },
        });
      },
    );

    test("that has ended: no execution from before it can be at work, and it is recorded", async () => {
      const { tools } = await freed();
      tools.clock.advance(3_600_000);
      expect(await complete(unclaimed(tools), "{}")).toEqual({ kind: "stands" });
    });
  });

  test("gives way to a claim in flight, and to the response of another execution", async () => {
    const tools = createTools();
    const first = await claimFor(createRequest(tools));
    expect(await complete(unclaimed(tools), "{}")).toMatchObject({
      refusal: { code: "request_in_flight" },
    });
    await complete(first, '{"of":"the first"}');
    const replay = { kind: "replay", response: '{"of":"the first"}' };
    expect(await complete(unclaimed(tools), "{}")).toEqual(replay);
  });

  test.each<[string, Partial<KeyedRequest>]>([
    ["of a profile that refuses", { contract: gluwa(), takeover: "never" }],
    ["whose begun work it would forget", {}],
  ])("gives way to a lapsed claim %s", async (_which, changes) => {
    const tools = createTools();
    const contract = changes.contract ?? orzcash();
    const first = await claimFor(createRequest(tools, { contract }));
    await tools.store.mark({ ...owned(first), nowMs: START_MS });
    tools.clock.advance(60_000);
    expect(await complete(unclaimed(tools, changes), "{}")).toMatchObject({
      refusal: { code: "request_interrupted" },
    });
    expect(await tools.store.read("id")).toMatchObject({ state: "CLAIMED", begunAtMs: START_MS });
  });

  test("for another entity than the record's is withheld, and the claim ends with its lease", async () => {
    const tools = createTools();
    const fingerprint = "same";
    // A claim of release 0.1 has an entity's id that was drawn.
    await tools.store.claim({
      ...{ id: "id", owner: "other", fingerprint, entityId: "entity-of-0.1" },
      ...{ nowMs: START_MS, leaseUntilMs: START_MS, expiresAtSeconds: undefined },
      takeover: "restart",
    });
    tools.clock.advance(1);
    const blind = unclaimed(tools, { contract: entity });
    expect(await complete(blind, "{}")).toMatchObject({ refusal: { code: "request_in_flight" } });
    const record = await tools.store.read("id");
    expect(record).toMatchObject({ state: "CLAIMED", entityId: "entity-of-0.1" });
    tools.clock.advance(60_000);
    const seeing = unclaimed(tools, { contract: entity }, record);
    expect(await complete(seeing, "{}")).toEqual({ kind: "stands" });
    expect(await tools.store.read("id")).toMatchObject({ entityId: "entity-of-0.1" });
  });
});

test("a completion names the claim, or takes the id at a whole millisecond", async () => {
  const tools = createTools({ clock: manualClock(START_MS + 0.5) });
  const request = createRequest(tools);
  const execution = await claimFor(request);
  expect(createCompletion(execution, "{}")).toEqual({
    ...{ ...owned(execution), response: "{}" },
    expiresAtSeconds: NOW_SECONDS + DAY_SECONDS,
  });
  expect(createCompletion(enterUnclaimed(request), "{}")).toMatchObject({
    claim: { fingerprint: "same", nowMs: START_MS, entityId: undefined },
  });
});

test("a process remembers only the records that it has completed under a claim", () => {
  const kept: IdempotencyRecord[] = [];
  const cache = { find: () => undefined, keep: (record: IdempotencyRecord) => kept.push(record) };
  const request = createRequest(createTools({ cache }));
  const completion = { id: "id", owner: "owner", fence: 7, response: "{}", expiresAtSeconds: 5 };
  const unclaimed = enterUnclaimed(request);
  expect(acceptCompletion(unclaimed, completion)).toEqual({ kind: "stands" });
  expect(kept).toEqual([]);
  acceptCompletion({ ...unclaimed, fence: 7, entityId: "e-1" }, completion);
  expect(kept).toEqual([
    { ...completion, state: "COMPLETED", fingerprint: "same", entityId: "e-1" },
  ]);
});
