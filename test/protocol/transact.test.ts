import { describe, expect, test } from "@jest/globals";
import { StoreError } from "../../lib/errors.ts";
import type { Execution, Tools } from "../../lib/protocol/execution.ts";
import type { CommitRequest } from "../../lib/protocol/store.ts";
import { transact } from "../../lib/protocol/transact.ts";
import { manualClock, START_MS } from "../support/clock.ts";
import { createRequest, createTools } from "../support/keyed-request.ts";

const WRITES = {
  checkpoint: { id: "id", owner: "me", fence: 1, index: 0, step: { name: "one" } },
  writes: [],
};
const COLLIDED = { applied: false, mayBeApplied: false } as const;

/** Transacts with a store that answers in turn, and with random numbers that are given. */
async function send(
  answers: readonly object[],
  {
    remainingMs,
    random = "ffffffff",
    startMs,
  }: { remainingMs?: number | undefined; random?: string; startMs?: number } = {},
) {
  const clock = manualClock(startMs);
  const sleeps: number[] = [];
  const sent: CommitRequest[] = [];
  let uuids = 0;
  const tools = {
    clock: {
      now: clock.now,
      sleep: (ms: number) => {
        sleeps.push(ms);
        return clock.sleep(ms);
      },
    },
    leaseMarginMs: 1_000,
    randomUUID: () => `${random}${uuids++}-4000`,
    store: {
      async commit(request: CommitRequest) {
        sent.push(request);
        const answer = answers[Math.min(sent.length, answers.length) - 1];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  } as unknown as Tools;
  const request = createRequest(tools, { remainingMs: () => remainingMs });
  const execution = { request, owner: "me", fence: 1 } as Execution;
  const result = await transact(execution, WRITES);
  return { result, sleeps, sent, tokens: new Set(sent.map(({ token }) => token)) };
}

describe("a transaction that collides", () => {
  test("is sent again under the same token, with longer and longer waits, up to 0.8 s", async () => {
    const answers = [...Array.from({ length: 8 }, () => COLLIDED), { applied: true }];
    const { result, sleeps, sent, tokens } = await send(answers, { remainingMs: 20_000 });
    expect(result).toEqual({ applied: true });
    expect(sleeps).toEqual([25, 50, 100, 200, 400, 800, 800, 800]);
    expect(sent).toHaveLength(9);
    expect(tokens.size).toBe(1);
  });

  test("waits for a random part of that, so that two do not collide for ever", async () => {
    const { sleeps } = await send([COLLIDED, COLLIDED, { applied: true }], { random: "7fffffff" });
    expect(sleeps).toEqual([12, 24]);
    const none = await send([COLLIDED, { applied: true }], { random: "00000000" });
    expect(none.sleeps).toEqual([0]);
  });

  test.each<[string, number | undefined, number[]]>([
    ["is given up a margin before the end of the invocation", 1_175, [25, 50]],
    ["is sent again while a millisecond is left", 1_176, [25, 50, 100]],
    ["is not sent again where no time is left", 1_025, []],
  ])("%s", async (_name, remainingMs, expected) => {
    const { result, sleeps } = await send([COLLIDED], { remainingMs });
    expect(sleeps).toEqual(expected);
    expect(result).toEqual(COLLIDED);
  });

  test("is given up after 9 s if the end of the invocation is unknown", async () => {
    const { sleeps } = await send([COLLIDED]);
    expect(sleeps.reduce((total, ms) => total + ms, 0)).toBe(8_775);
  });

  test("may be applied, if an earlier send of it may have been", async () => {
    const answers = [{ ...COLLIDED, mayBeApplied: true }, COLLIDED];
    const { result } = await send(answers, { remainingMs: 1_100 });
    expect(result).toEqual({ ...COLLIDED, mayBeApplied: true });
  });
});

describe("a transaction of which the store says that it failed", () => {
  const failed = new StoreError("m", new Error("why"), "failed");

  test("is sent again under the same token", async () => {
    const { result, sent, tokens } = await send([failed, failed, { applied: true }]);
    expect(result).toEqual({ applied: true });
    expect(sent).toHaveLength(3);
    expect(tokens.size).toBe(1);
  });

  test("may be applied, although the last send collides", async () => {
    const { result } = await send([failed, COLLIDED], { remainingMs: 1_100 });
    expect(result).toEqual({ ...COLLIDED, mayBeApplied: true });
  });

  test("is given up with its error when there is no time left", async () => {
    await expect(send([failed], { remainingMs: 1_100 })).rejects.toBe(failed);
  });

  test("and did not answer is sent once: the client has tried for long enough", async () => {
    const silent = new StoreError("m", new Error("why"));
    await expect(send([silent, { applied: true }])).rejects.toBe(silent);
  });
});

test("every send asks about the time of the first, in whole milliseconds", async () => {
  const { sent } = await send([COLLIDED, COLLIDED, { applied: true }], { startMs: START_MS + 0.7 });
  expect(sent.map(({ nowMs }) => nowMs)).toEqual([START_MS, START_MS, START_MS]);
});

test("a refused write is final, and is not sent again", async () => {
  const { result, sent } = await send([{ applied: false, record: undefined }]);
  expect(result).toEqual({ applied: false, record: undefined });
  expect(sent).toHaveLength(1);
});

test("a store that cannot commit is named, with a store that can", async () => {
  const request = createRequest(createTools());
  await expect(transact({ request } as Execution, WRITES)).rejects.toThrow(
    "idempotency: commit() needs a store that commits. Use dynamoDbStore({ tableName }), on a table without strong multi-Region consistency: DynamoDB has no transactions there.",
  );
});
