import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { ietf, memoryStore } from "../../lib/index.ts";
import { commit } from "../../lib/protocol/commit.ts";
import { acceptCompletion } from "../../lib/protocol/complete.ts";
import type { Tools } from "../../lib/protocol/execution.ts";
import { enter, enterUnclaimed } from "../../lib/protocol/flow.ts";
import type { IdempotencyRecord } from "../../lib/protocol/record.ts";
import type { Store } from "../../lib/protocol/store.ts";
import { manualClock } from "../support/clock.ts";

const REQUEST = { id: "id", fingerprint: "same", remainingMs: () => 1_000 };

/** Tools over a store in which every transaction collides, and the other calls of the store. */
function colliding(changes: Partial<Store> = {}) {
  const memory = memoryStore();
  const asked: string[] = [];
  const noting = (name: "release" | "free") => async (request: never) => {
    asked.push(name);
    return memory[name](request);
  };
  const tools: Tools = {
    store: {
      ...memory,
      ...{ release: noting("release"), free: noting("free") },
      commit: async () => ({ applied: false, mayBeApplied: false }),
      ...changes,
    },
    clock: manualClock(),
    randomUUID,
    observe: () => undefined,
    leaseMarginMs: 1_000,
  };
  return { tools, asked };
}

describe("after collisions without end", () => {
  test.each([
    ["released, where another may take it over", "restart", true, ["release"]],
    ["freed, if no repeat may, and nothing has begun", "refuse", true, ["free"]],
    ["released, if no repeat may, and something has begun", "refuse", false, ["release"]],
  ] as const)("the claim is %s", async (_what, interrupted, mayFree, expected) => {
    const { tools, asked } = colliding();
    const promises = ietf({ interrupted });
    const entry = await enter(tools, promises, REQUEST);
    if (entry.kind !== "execute") throw new Error("The key is in use.");
    const exit = await commit(tools, promises, entry.execution, [], "{}", mayFree);
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
    expect(asked).toEqual(expected);
  });

  test("nothing is ended where nothing was claimed", async () => {
    const { tools, asked } = colliding();
    const execution = enterUnclaimed(tools, ietf(), REQUEST);
    const exit = await commit(tools, ietf(), execution, [], "{}", true);
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
    expect(asked).toEqual([]);
  });

  test("a claim that cannot be ended lapses by itself", async () => {
    const { tools } = colliding({ release: () => Promise.reject(new Error("throttled")) });
    const entry = await enter(tools, ietf(), REQUEST);
    if (entry.kind !== "execute") throw new Error("The key is in use.");
    const exit = await commit(tools, ietf(), entry.execution, [], "{}", true);
    expect(exit).toMatchObject({ kind: "refuse", refusal: { code: "commit_collided" } });
  });
});

test("a process remembers only the records that it has completed under a claim", async () => {
  const { tools } = colliding();
  const kept: IdempotencyRecord[] = [];
  const cache = { find: () => undefined, keep: (record: IdempotencyRecord) => kept.push(record) };
  const remembering = { ...tools, cache } as unknown as Tools;
  const completion = { id: "id", owner: "owner", response: "{}", expiresAtSeconds: 5 };
  const unclaimed = enterUnclaimed(tools, ietf(), REQUEST);
  expect(acceptCompletion(remembering, unclaimed, completion)).toEqual({ kind: "stands" });
  expect(kept).toEqual([]);
  acceptCompletion(remembering, { ...unclaimed, fence: 7, entityId: "e-1" }, completion);
  expect(kept).toEqual([
    { ...completion, state: "COMPLETED", fence: 7, fingerprint: "same", entityId: "e-1" },
  ]);
});
