import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { memoryStore } from "../../lib/index.ts";
import { recall } from "../../lib/protocol/recall.ts";
import { recordCache } from "../../lib/protocol/record-cache.ts";
import type { ReadOptions, Store } from "../../lib/protocol/store.ts";
import { START_MS } from "../support/clock.ts";
import { claimFor, createRequest, createTools } from "../support/keyed-request.ts";

const RECORD = { id: "id", owner: "other", fence: 7, fingerprint: "same" } as const;
const COMPLETED = {
  ...RECORD,
  state: "COMPLETED",
  response: "{}",
  expiresAtSeconds: START_MS / 1000 + 60,
} as const;
const FREED = { ...RECORD, state: "FREED" } as const;

/** Tools over a store that is asked for one record. */
function reading(found: Awaited<ReturnType<Store["read"]>> | Error) {
  const reads: (ReadOptions | undefined)[] = [];
  const store: Store = {
    ...memoryStore(),
    async read(_id, options) {
      reads.push(options);
      if (found instanceof Error) throw found;
      return found;
    },
  };
  return { tools: createTools({ store, cache: recordCache({}) }), reads };
}

describe("before anything is claimed", () => {
  test("the store is not asked, unless the layer says so", async () => {
    const { tools, reads } = reading(COMPLETED);
    expect(await recall(createRequest(tools), undefined)).toEqual({ record: undefined });
    expect(reads).toEqual([]);
  });

  test.each(["eventual", "strong"] as const)(
    "a repeat is recognised by a read, which is as consistent as wanted (%s)",
    async (consistency) => {
      const { tools, reads } = reading(COMPLETED);
      const request = createRequest(tools);
      const ended = { kind: "replay", response: "{}" };
      expect(await recall(request, consistency)).toEqual({ ended });
      expect(reads).toMatchObject([{ consistency, timeoutMs: 9_500 }]);
      expect(reads[0]?.hasTime?.()).toBe(true);
    },
  );

  test("a repeat is recognised by what this process remembers, without the store", async () => {
    const { tools, reads } = reading(undefined);
    tools.cache?.keep(COMPLETED);
    expect(await recall(createRequest(tools), "strong")).toMatchObject({
      ended: { kind: "replay" },
    });
    expect(reads).toEqual([]);
  });

  test("another request under the key is refused", async () => {
    const { tools } = reading(COMPLETED);
    expect(await recall(createRequest(tools, { fingerprint: "another" }), "strong")).toMatchObject({
      ended: { refusal: { code: "payload_mismatch" } },
    });
  });

  test("a response that has ended is no response", async () => {
    const { tools } = reading(COMPLETED);
    tools.clock.advance(60_000);
    expect(await recall(createRequest(tools), "strong")).toEqual({});
  });

  test("a record that has not completed decides nothing, and is handed on", async () => {
    const { tools } = reading(FREED);
    expect(await recall(createRequest(tools), "strong")).toEqual({ record: FREED });
    const claimed = createTools();
    const { owner } = await claimFor(createRequest(claimed));
    const { ended, record } = await recall(createRequest(claimed), "eventual");
    expect([ended, record]).toMatchObject([undefined, { state: "CLAIMED", owner }]);
  });

  test("a freed key that a commit of this process has met is read, for half the price", async () => {
    const { tools, reads } = reading(FREED);
    tools.freedIds.add("id");
    expect(await recall(createRequest(tools), undefined)).toEqual({ record: FREED });
    expect(reads).toMatchObject([{ consistency: "eventual" }]);
    await recall(createRequest(tools, { id: "other" }), undefined);
    expect(reads).toHaveLength(1);
  });

  test("a read that fails decides nothing", async () => {
    const { tools } = reading(new StoreError("m", new Error("why")));
    expect(await recall(createRequest(tools), "strong")).toEqual({ record: undefined });
    expect(tools.observed).toEqual([]);
  });
});
