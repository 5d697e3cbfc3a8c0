import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type CommitRefused, dwolla } from "../../../lib/index.ts";
import { type Engine, startEngine } from "../../../local/engine.ts";
import { ENGINES } from "../../support/engines.ts";
import { httpApiEvent } from "../../support/events.ts";
import { type Behaviour, problemOf } from "../../support/service.ts";
import type { Accounts } from "./accounts.ts";
import { type OpenParameters, openService } from "./open-service.ts";

const CREATED = { statusCode: 201, headers: { location: "/transfers/1" } };
const request = (body = '{"amount":10}') => httpApiEvent({ key: "k", body });

describe.each(ENGINES)("on %s,", (engineName) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ engine: engineName });
  }, 30_000);
  afterAll(() => engine.close());

  const open = (...rest: OpenParameters) => openService(engine, ...rest);

  const transfer =
    (amount = 10) =>
    ({ move }: Accounts): Behaviour =>
    ({ context }) =>
      context.idempotency.commit(move(amount), CREATED);

  describe.each(["start", "commit"] as const)("with claimAt %s", (claimAt) => {
    test("the record commits with the money, and a repeat gets the response", async () => {
      const { call, balances, runs, sent } = await open(transfer(), { claimAt });
      expect(await call(request())).toEqual(CREATED);
      expect(sent).toEqual(
        claimAt === "start" ? ["UpdateItem", "TransactWriteItems"] : ["TransactWriteItems"],
      );
      sent.length = 0;
      const repeat = await call(request());
      expect(repeat).toMatchObject({
        statusCode: 201,
        headers: { location: "/transfers/1", "Idempotent-Replayed": "true" },
      });
      expect(sent).toHaveLength(1);
      expect(runs()).toBe(claimAt === "start" ? 1 : 2);
      expect(await balances()).toEqual([90, 110]);
    });

    test("a repeat that this process remembers sends no request, and moves nothing", async () => {
      const { call, balances, runs, sent } = await open(transfer(), { claimAt, cache: {} });
      const replayed = { headers: { location: "/transfers/1", "Idempotent-Replayed": "true" } };
      for (let times = 0; times < 3; times += 1) await call(request());
      sent.length = 0;
      const runsBefore = runs();
      expect(await call(request())).toMatchObject(replayed);
      expect(sent).toEqual([]);
      expect(runs()).toBe(runsBefore);
      expect(await balances()).toEqual([90, 110]);
    });

    test("a repeat that is read first is answered by one read", async () => {
      const { call, sent } = await open(transfer(), { claimAt, readFirst: "suspected" });
      await call(request());
      sent.length = 0;
      expect(await call(request())).toMatchObject({ statusCode: 201 });
      expect(sent).toEqual(["GetItem"]);
    });

    test("another payload under the key is refused, and moves nothing", async () => {
      const { call, balances } = await open(transfer(), { claimAt });
      await call(request());
      const other = await call(request('{"amount":11}'));
      expect(problemOf(other).code).toBe("payload_mismatch");
      expect(await balances()).toEqual([90, 110]);
    });

    test("a business condition that fails moves nothing, and its response is stored", async () => {
      const seen: CommitRefused[] = [];
      const { call, balances } = await open(
        ({ move }) =>
          ({ context }) =>
            context.idempotency.commit(move(1_000), CREATED).catch((error: CommitRefused) => {
              seen.push(error);
              return { statusCode: 422, body: "insufficient funds" };
            }),
        { claimAt },
      );
      expect(await call(request())).toEqual({ statusCode: 422, body: "insufficient funds" });
      expect(seen[0]).toMatchObject({
        name: "IdempotencyCommitRefused",
        index: 0,
        reason: "ConditionalCheckFailed",
        item: { id: "from", balance: 100 },
      });
      expect(await call(request())).toMatchObject({ statusCode: 422, body: "insufficient funds" });
      expect(await balances()).toEqual([100, 100]);
    });

    test("after a business refusal the handler may commit something else", async () => {
      const { call, balances } = await open(
        ({ move }) =>
          ({ context: { idempotency } }) =>
            idempotency
              .commit(move(1_000), CREATED)
              .catch(() => idempotency.commit(move(1), { statusCode: 202 })),
        { claimAt },
      );
      expect((await call(request())).statusCode).toBe(202);
      expect(await balances()).toEqual([99, 101]);
    });

    test("a commit is recognised as the execution's own after its reply was lost", async () => {
      const { call, balances } = await open(transfer(), { claimAt }, (command, attempt) =>
        command === "TransactWriteItems" && attempt === 1 ? "lost-answer" : "none",
      );
      expect(await call(request())).toEqual(CREATED);
      expect(await balances()).toEqual([90, 110]);
    });

    test("an outcome that stays unknown is not guessed: 503, and the retry finds the truth", async () => {
      const { call, balances } = await open(transfer(), { claimAt }, (command, attempt) =>
        command === "TransactWriteItems" && attempt <= 3 ? "lost-answer" : "none",
      );
      const unknown = await call(request());
      expect(unknown.statusCode).toBe(503);
      expect(problemOf(unknown).code).toBe("outcome_not_recorded");
      expect((await call(request())).headers).toMatchObject({ location: "/transfers/1" });
      expect(await balances()).toEqual([90, 110]);
    });

    test("a collision is sent again, with the same token, until it is through", async () => {
      const { call, balances, clock } = await open(transfer(), { claimAt }, (command, attempt) =>
        command === "TransactWriteItems" && attempt <= 4 ? "collided" : "none",
      );
      const before = clock.now();
      expect(await call(request())).toEqual(CREATED);
      expect(clock.now() - before).toBeLessThanOrEqual(25 + 50 + 100 + 200);
      expect(await balances()).toEqual([90, 110]);
    });

    test("collisions without end are given up in time, and nothing has moved", async () => {
      const { call, balances, clock } = await open(transfer(), { claimAt }, (command) =>
        command === "TransactWriteItems" ? "collided" : "none",
      );
      const startMs = clock.now();
      const remaining = () => 5_000 - (clock.now() - startMs);
      const refused = await call(request(), { getRemainingTimeInMillis: remaining });
      expect(problemOf(refused).code).toBe("commit_collided");
      expect(remaining()).toBeGreaterThanOrEqual(1_000);
      expect(await balances()).toEqual([100, 100]);
    });

    test("100 identical requests at once move the money once, and none fails", async () => {
      const { call, balances } = await open(transfer(), { claimAt });
      const answers = await Promise.all(Array.from({ length: 100 }, () => call(request())));
      const others = answers.filter(({ statusCode }) => statusCode !== 201);
      for (const answer of answers) {
        if (!others.includes(answer)) expect(answer).toMatchObject(CREATED);
      }
      // With a claim, a repeat learns that the first is in flight; without one, it is too late.
      if (claimAt === "commit") expect(others).toEqual([]);
      for (const answer of others) expect(problemOf(answer).code).toBe("request_in_flight");
      expect(await balances()).toEqual([90, 110]);
    }, 30_000);

    test("without a key, where that is allowed, every request commits", async () => {
      const { call, balances } = await open(transfer(), { claimAt, profile: dwolla() });
      await call(httpApiEvent({}));
      expect(await call(httpApiEvent({}))).toEqual(CREATED);
      expect(await balances()).toEqual([80, 120]);
    });
  });

  test("a stale execution cannot move money: its whole transaction is refused", async () => {
    const { promise: wake, resolve } = Promise.withResolvers<void>();
    const { call, clock, balances, runs, observed } = await open(
      ({ move }) =>
        async ({ count, context }) => {
          if (count === 1) await wake;
          return context.idempotency.commit(move(count), { statusCode: 201, body: `run ${count}` });
        },
    );
    const stale = call(request());
    while (runs() === 0) await new Promise((next) => setImmediate(next));
    clock.advance(11_000);
    expect((await call(request())).body).toBe("run 2");
    resolve();
    expect((await stale).body).toBe("run 2");
    expect(observed.map(({ kind }) => kind)).toContain("fenced");
    expect(await balances()).toEqual([98, 102]);
  });
});
