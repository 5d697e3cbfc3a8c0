import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import { memoryStore, orzcash } from "../../lib/index.ts";
import { mark } from "../../lib/protocol/mark.ts";
import type { Store } from "../../lib/protocol/store.ts";
import { manualClock, START_MS } from "../support/clock.ts";
import { claimFor, createRequest, createTools } from "../support/keyed-request.ts";

/** A request that has claimed its record, over a store of which some calls are otherwise. */
async function claimed(change: (memory: Store) => Store = (memory) => memory) {
  const tools = createTools({ store: change(memoryStore()), clock: manualClock(START_MS + 0.5) });
  const request = createRequest(tools, { contract: orzcash() });
  return { tools, request, execution: await claimFor(request) };
}

test("the begun mark is recorded with its time, in whole milliseconds", async () => {
  const { tools, execution } = await claimed();
  expect(await mark(execution)).toBeUndefined();
  expect(await tools.store.read("id")).toMatchObject({ begunAtMs: START_MS });
});

test("the begun mark is recognised as the execution's own after its reply was lost", async () => {
  const { execution } = await claimed((memory) => ({
    ...memory,
    async mark(request) {
      await memory.mark(request);
      return { applied: false, record: await memory.read("id") };
    },
  }));
  expect(await mark(execution)).toBeUndefined();
});

describe("the execution is over, before its first effect, where", () => {
  test("another has taken its claim over", async () => {
    const { tools, request, execution } = await claimed();
    tools.clock.advance(60_000);
    await claimFor(request);
    expect(await mark(execution)).toMatchObject({ refusal: { code: "claim_lost" } });
    expect(tools.observed.map(({ kind }) => kind)).toContain("fenced");
    expect(await tools.store.read("id")).not.toHaveProperty("begunAtMs");
  });

  test("another has completed the request", async () => {
    const { tools, request, execution } = await claimed();
    tools.clock.advance(60_000);
    const { owner, fence } = await claimFor(request);
    const completion = { id: "id", owner, fence, response: "{}", expiresAtSeconds: undefined };
    await tools.store.complete(completion);
    expect(await mark(execution)).toEqual({ kind: "replay", response: "{}" });
  });

  test.each([
    ["another mark", { begunAtMs: 7 }],
    ["no mark", {}],
    ["another fence", { begunAtMs: START_MS, fence: 7 }],
    ["another owner", { begunAtMs: START_MS, owner: "another" }],
  ])("the record that refused the mark has %s", async (_what, changes) => {
    const { execution } = await claimed((memory) => ({
      ...memory,
      async mark() {
        const record = await memory.read("id");
        if (record?.state !== "CLAIMED") throw new Error("There is no claim.");
        return { applied: false, record: { ...record, ...changes } };
      },
    }));
    expect(await mark(execution)).toMatchObject({ refusal: { code: "claim_lost" } });
  });

  test("the store does not say that the mark is recorded", async () => {
    const cause = new StoreError("m", new Error("why"));
    const { execution } = await claimed((memory) => ({
      ...memory,
      mark: () => Promise.reject(cause),
    }));
    const refusal = { code: "outcome_not_recorded", cause };
    expect(await mark(execution)).toEqual({ kind: "refuse", refusal });
  });
});
