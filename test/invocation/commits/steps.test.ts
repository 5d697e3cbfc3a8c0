import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { orzcash } from "../../../lib/index.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { httpApiEvent } from "../../support/events.ts";
import type { Fault } from "../../support/faults.ts";
import { type OpenParameters, openService } from "./open-service.ts";

/* A step that commits is recorded with its writes, however carelessly it is written. */

const DONE = { statusCode: 201, body: "done" };
const MOVED = [90, 110];
const NOT_MOVED = [100, 100];
const request = () => httpApiEvent({ key: "8e03978e-40d5-43e8-bc93-6894a57f9324" });

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const open = (behaviour: OpenParameters[0], decide?: OpenParameters[2]) =>
  openService(engine, behaviour, { profile: orzcash() }, decide);

test("its writes and its record are there together, and a resumed request repeats neither", async () => {
  const { call, balances, sent } = await open(({ move }) => async ({ count, context }) => {
    const { step } = context.idempotency;
    const id = await step("move", ({ commit }) => commit(move(10), "t-1"));
    if (count === 1) throw new Error("it dies");
    return { statusCode: 201, body: id };
  });
  await expect(call(request())).rejects.toThrow("it dies");
  expect(await balances()).toEqual(MOVED);
  expect(await call(request())).toMatchObject({ statusCode: 201, body: "t-1" });
  expect(await balances()).toEqual(MOVED);
  expect(sent.filter((command) => command === "TransactWriteItems")).toHaveLength(1);
});

const collideOnce = (command: string, attempt: number): Fault =>
  command === "TransactWriteItems" && attempt === 1 ? "collided" : "none";

test.each<[string, OpenParameters[2]]>([
  ["", undefined],
  [", which collides at first", collideOnce],
])(
  "a commit that the step does not wait for%s is waited for before the next step",
  async (_how, decide) => {
    let between: unknown;
    const { call, balances } = await open(
      ({ move }) =>
        async ({ context: { idempotency } }) => {
          await idempotency.step("move", ({ commit }) => void commit(move(10), "t-1"));
          between = await balances();
          await idempotency.step("tell", () => undefined);
          return DONE;
        },
      decide,
    );
    expect(await call(request())).toEqual(DONE);
    expect(between).toEqual(MOVED);
  },
);

test("a commit that the business refused, unseen by its step, is no step", async () => {
  const told: string[] = [];
  const { call, balances } = await open(({ move }) => async ({ context: { idempotency } }) => {
    await idempotency.step("move", ({ commit }) => {
      commit(move(1_000), "t-1").catch(() => {});
    });
    await idempotency.step("tell", () => void told.push("it has moved"));
    return DONE;
  });
  await expect(call(request())).rejects.toMatchObject({ name: "IdempotencyCommitRefused" });
  expect(await balances()).toEqual(NOT_MOVED);
  expect(told).toEqual([]);
});

test.each(["lost-request", "collided"] as const)(
  "a step with a commit that was %s is not recorded without its writes, whatever its function returns",
  async (fault) => {
    const { call, balances } = await open(
      ({ move }) =>
        async ({ context: { idempotency } }) => {
          await idempotency.step("move", ({ commit }) =>
            commit(move(10), "t-1").catch(() => "t-1"),
          );
          return DONE;
        },
      (command, attempt) => (command === "TransactWriteItems" && attempt <= 3 ? fault : "none"),
    );
    const short = { getRemainingTimeInMillis: () => 1_001 };
    expect((await call(request(), short)).statusCode).toBe(503);
    expect(await balances()).toEqual(NOT_MOVED);
    expect(await call(request())).toEqual(DONE);
    expect(await balances()).toEqual(MOVED);
  },
);

test("a commit is refused while a step is running: one of the two would be lost", async () => {
  const { call, balances } = await open(({ move }) => ({ context: { idempotency } }) => {
    void idempotency.step("fee", ({ commit }) => commit(move(1), "fee")).catch(() => {});
    return idempotency.commit(move(10), DONE);
  });
  await expect(call(request())).rejects.toThrow(
    'step: "fee" is running. Await it before the request ends, and before commit().',
  );
  expect(await balances()).toEqual([99, 101]);
});

test("when a commit has failed, a step that the handler does not await is awaited all the same", async () => {
  const log: string[] = [];
  const { promise: bankAnswers, resolve } = Promise.withResolvers<void>();
  const { call } = await open(({ move }) => ({ count, context: { idempotency } }) => {
    if (count > 1) return DONE;
    const commit = idempotency.commit(move(1_000), DONE);
    void idempotency.step("bank", async () => {
      await bankAnswers;
      log.push("the bank has answered");
    });
    commit.catch(() => resolve());
    return DONE;
  });
  await expect(call(request())).rejects.toMatchObject({ name: "IdempotencyCommitRefused" });
  expect(log).toEqual(["the bank has answered"]);
});

test("a step that fails while its commit is on its way is not over before that is known", async () => {
  let between: unknown;
  const { call, balances } = await open(({ move }) => async ({ count, context }) => {
    const { step } = context.idempotency;
    await step("move", ({ commit }) => {
      void commit(move(10), "t-1");
      throw new Error("no answer");
    }).catch(() => {});
    between = await balances();
    if (count === 1) throw new Error("it dies");
    return DONE;
  });
  await expect(call(request())).rejects.toThrow("it dies");
  expect(between).toEqual(MOVED);
  expect(await call(request())).toEqual(DONE);
  expect(await balances()).toEqual(MOVED);
});

test("of two commits at once in a step, one is sent", async () => {
  const refusals: string[] = [];
  const { call, balances } = await open(({ move }) => async ({ context: { idempotency } }) => {
    await idempotency.step("move", async ({ commit }) => {
      const both = [commit(move(10), "first"), commit(move(10), "second")];
      for (const one of await Promise.allSettled(both)) {
        if (one.status === "rejected") refusals.push(one.reason.message);
      }
    });
    return DONE;
  });
  expect(await call(request())).toEqual(DONE);
  expect(await balances()).toEqual(MOVED);
  expect(refusals).toEqual(['commit: step "move" has committed or ended before.']);
});

test.each<[string, (end: () => void) => unknown]>([
  ["returned", (end) => end()],
  [
    "failed",
    (end) => {
      end();
      throw new Error("no answer");
    },
  ],
])("a commit that comes after its step has %s moves nothing", async (_how, run) => {
  const late: Promise<unknown>[] = [];
  const { call, balances } = await open(({ move }) => async ({ context: { idempotency } }) => {
    await idempotency
      .step("move", ({ commit }) => {
        // In a turn after the step's own end, and before its record is there.
        run(() => late.push(new Promise(setImmediate).then(() => commit(move(10), "late"))));
      })
      .catch(() => {});
    await Promise.allSettled(late);
    return DONE;
  });
  await call(request());
  await expect(late[0]).rejects.toThrow('commit: step "move" has committed or ended before.');
  expect(await balances()).toEqual(NOT_MOVED);
});
