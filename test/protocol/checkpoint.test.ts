import { describe, expect, test } from "@jest/globals";
import { memoryStore } from "../../lib/index.ts";
import { orzcash } from "../../lib/profiles/orzcash.ts";
import { checkpoint } from "../../lib/protocol/checkpoint.ts";
import type { RecordedStep } from "../../lib/protocol/record.ts";
import type { Store } from "../../lib/protocol/store.ts";
import { claimFor, createRequest, createTools, losingReply } from "../support/keyed-request.ts";

const STEP = { name: "reserve", result: '{"id":"tr_1"}' };

/** An execution that has claimed, over a store of which some calls are otherwise. */
async function executing(changes: (store: Store) => Partial<Store> = () => ({})) {
  const memory = memoryStore();
  const tools = createTools({ store: { ...memory, ...changes(memory) } });
  // So little that a transaction is not sent again.
  const request = createRequest(tools, { contract: orzcash(), remainingMs: () => 1_000 });
  const execution = await claimFor(request);
  const record = (step: RecordedStep, index = 0, writes?: []) =>
    checkpoint(execution, index, step, writes);
  return { record, observed: tools.observed, memory };
}

test("a step is recorded, and that is observed", async () => {
  const { record, observed, memory } = await executing();
  expect(await record(STEP)).toBeUndefined();
  expect(await memory.read("id")).toMatchObject({ steps: [STEP] });
  expect(observed.at(-1)).toMatchObject({ kind: "stepped", step: "reserve" });
});

test("a checkpoint is recognised as the execution's own after its reply was lost", async () => {
  const { record } = await executing((memory) => losingReply(memory, "checkpoint"));
  expect(await record(STEP)).toBeUndefined();
  expect(await record({ name: "settle" }, 1)).toBeUndefined();
});

describe("the execution is over where the record holds", () => {
  test.each<[string, RecordedStep]>([
    ["another step in its place", { ...STEP, name: "bank" }],
    ["another result of the step", { ...STEP, result: '{"id":"tr_2"}' }],
    ["no result of the step", { name: "reserve" }],
  ])("%s", async (_, found) => {
    const { record } = await executing((memory) => ({
      async checkpoint(request) {
        await memory.checkpoint({ ...request, step: found });
        return memory.checkpoint(request);
      },
    }));
    expect(await record(STEP)).toMatchObject({ kind: "refuse", refusal: { code: "claim_lost" } });
  });

  test("fewer steps than were recorded before this one", async () => {
    const { record } = await executing();
    expect(await record(STEP, 1)).toMatchObject({ refusal: { code: "claim_lost" } });
  });

  test("nothing any more", async () => {
    const { record } = await executing(() => ({
      checkpoint: async () => ({ applied: false, record: undefined }),
    }));
    expect(await record(STEP)).toMatchObject({ refusal: { code: "claim_lost" } });
  });

  test("the same step of another owner", async () => {
    const { record } = await executing((memory) => ({
      async checkpoint(request) {
        await memory.checkpoint(request);
        const refused = await memory.checkpoint({ ...request, owner: "another" });
        const isClaimed = !refused.applied && refused.record?.state === "CLAIMED";
        if (!isClaimed) throw new Error("There is no claim.");
        return { ...refused, record: { ...refused.record, owner: "another" } };
      },
    }));
    expect(await record(STEP)).toMatchObject({ refusal: { code: "claim_lost" } });
  });

  test("a response of this execution", async () => {
    const { record } = await executing((memory) => ({
      async checkpoint(request) {
        const { id, owner, fence } = request;
        await memory.complete({ id, owner, fence, response: "{}", expiresAtSeconds: undefined });
        return memory.checkpoint(request);
      },
    }));
    expect(await record(STEP)).toEqual({ kind: "replay", response: "{}" });
  });
});

test.each([
  [false, "commit_collided"],
  [true, "outcome_not_recorded"],
])(
  "a step whose transaction collides (it may be applied: %j) is %s",
  async (mayBeApplied, code) => {
    const { record } = await executing(() => ({
      commit: async () => ({ applied: false, mayBeApplied }),
    }));
    expect(await record(STEP, 0, [])).toMatchObject({ kind: "refuse", refusal: { code } });
  },
);
