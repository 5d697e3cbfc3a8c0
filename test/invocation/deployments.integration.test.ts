import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dfns, ietf, orzcash } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf } from "../support/service.ts";
import { openService } from "./commits/open-service.ts";

/*
 * A route is deployed with another configuration while requests are under way. Two configurations share
 * the table, and each story ended with money moving twice, or with a key lost.
 */

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

const KEY = "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f";
const DAY_MS = 24 * 60 * 60 * 1000;
const request = (body = "{}") => httpApiEvent({ key: KEY, body });
const CREATED = { statusCode: 201, body: "{}" };
const NOT_MOVED = [100, 100];
const MOVED_ONCE = [90, 110];

/** A handler with its payment as a step, which dies behind it on its first run. */
function paysAndDies(move: (amount: number) => never[] | unknown): Behaviour {
  return async ({ count, context: { idempotency } }) => {
    await idempotency.commitStep("pay", () => ({ writes: move(10) as never, result: "paid" }));
    if (count === 1) throw new Error("the process dies");
    return CREATED;
  };
}

/** A service under `orzcash()` with a recorded payment and no response, and its deployments to come. */
async function interrupted() {
  const service = await openService(engine, ({ move }) => paysAndDies(move), {
    profile: orzcash(),
  });
  await expect(service.call(request())).rejects.toThrow("the process dies");
  expect(await service.balances()).toEqual(MOVED_ONCE);
  const { store, clock, move } = service;
  return {
    ...service,
    deploy: (behaviour: Behaviour, options: object) =>
      serviceOf(behaviour, { store, clock, ...options }),
    commitAgain: (({ context }) => context.idempotency.commit(move(10), CREATED)) as Behaviour,
  };
}

describe("a recorded payment is not forgotten", () => {
  test.each([
    ["that claims at the commit", { profile: orzcash(), claimAt: "commit" }],
    ["without steps", { profile: orzcash({ interrupted: "restart", abandoned: "leave" }) }],
    ["of another profile", { profile: ietf({ fingerprint: orzcash().fingerprint }) }],
  ])("by a route %s: repeats are refused, and a rollback resumes them", async (_name, options) => {
    const { deploy, commitAgain, balances, call, clock } = await interrupted();
    const deployed = deploy(commitAgain, options);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      clock.advance(60_000);
      const refused = await deployed.call(request());
      expect(refused.statusCode).toBe(409);
      expect(problemOf(refused).code).toBe("request_interrupted");
    }
    expect(deployed.observed.map(({ kind }) => kind)).toContain("notResumable");
    expect(await balances()).toEqual(MOVED_ONCE);
    expect(await call(request())).toMatchObject(CREATED);
    expect(await balances()).toEqual(MOVED_ONCE);
  });

  test("by time: a day later the same request is resumed, and another is a mismatch", async () => {
    const { call, balances, clock } = await interrupted();
    clock.advance(2 * DAY_MS);
    expect(problemOf(await call(request('{"amount":1}'))).code).toBe("payload_mismatch");
    expect(await call(request())).toMatchObject(CREATED);
    expect(await balances()).toEqual(MOVED_ONCE);
  });
});

test("the id of an entity is kept by a route that claims at the commit", async () => {
  const ids: (string | undefined)[] = [];
  const body = '{"externalId":"transfer-1"}';
  const creates: Behaviour = ({ count, context: { idempotency } }) => {
    ids.push(idempotency.entityId);
    if (count === 1 && ids.length === 1) throw new Error("the process dies");
    return idempotency.commit([], CREATED);
  };
  const entity = { profile: dfns("transfer"), loadEntity: () => undefined };
  const first = await openService(engine, () => creates, entity);
  await expect(first.call(httpApiEvent({ body }))).rejects.toThrow("the process dies");
  const { store, clock } = first;
  const deployed = serviceOf(creates, { store, clock, ...entity, claimAt: "commit" });
  expect(await deployed.call(httpApiEvent({ body }))).toMatchObject(CREATED);
  expect(ids).toEqual([ids[0], ids[0]]);
  // A route without entities would lose the id.
  expect((await deployed.call(httpApiEvent({ body }))).statusCode).toBe(200);
});

describe("a final refusal under claimAt commit", () => {
  /** A first attempt that sleeps between its handler and its commit, until it is woken. */
  async function sleeping() {
    let wake = () => {};
    let isAsleep = () => {};
    const asleep = new Promise<void>((resolve) => {
      isAsleep = resolve;
    });
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let refuses = true;
    const service = await openService(
      engine,
      ({ move }) =>
        async ({ count, context: { idempotency } }) => {
          if (count === 1) {
            isAsleep();
            await woken;
          } else if (refuses) {
            return idempotency.reject({ statusCode: 422, body: "insufficient funds" });
          }
          return idempotency.commit(move(10), CREATED);
        },
      { claimAt: "commit" },
    );
    const first = service.call(request());
    await asleep;
    const fund = () => {
      refuses = false;
    };
    return { ...service, first, wake, fund };
  }

  test("stops an earlier attempt's late commit, and the client's next attempt pays once", async () => {
    const { call, first, wake, balances, fund } = await sleeping();
    expect(await call(request())).toMatchObject({ statusCode: 422 });
    wake();
    const late = await first;
    expect(late.statusCode).toBe(503);
    expect(problemOf(late).code).toBe("key_freed");
    expect(late.headers?.["retry-after"]).toBe("1");
    expect(await balances()).toEqual(NOT_MOVED);
    fund();
    expect(await call(request())).toMatchObject(CREATED);
    expect(await balances()).toEqual(MOVED_ONCE);
  });

  test("is refused once more after another refusal, which the late commit meets as well", async () => {
    const { call, first, wake, balances } = await sleeping();
    await call(request());
    await call(request());
    wake();
    expect(problemOf(await first).code).toBe("key_freed");
    expect(await balances()).toEqual(NOT_MOVED);
  });

  test("leaves the key to another payload", async () => {
    const { call, first, wake, balances, fund } = await sleeping();
    await call(request());
    fund();
    expect(await call(request('{"amount":1}'))).toMatchObject(CREATED);
    wake();
    expect(problemOf(await first).code).toBe("payload_mismatch");
    expect(await balances()).toEqual(MOVED_ONCE);
  });

  test("is not given beside a payment that was made meanwhile", async () => {
    const { call, first, wake, balances, clock } = await sleeping();
    wake();
    await first;
    expect(await call(request())).toMatchObject(CREATED);
    expect(await balances()).toEqual(MOVED_ONCE);
    clock.advance(1);
  });
});

test("a claim that is frozen until its end commits nothing after it, and the next request pays once", async () => {
  let thaw = () => {};
  let isFrozen = () => {};
  const frozen = new Promise<void>((resolve) => {
    isFrozen = resolve;
  });
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const { call, clock, balances } = await openService(
    engine,
    ({ move }) =>
      async ({ count, context: { idempotency } }) => {
        if (count === 1) {
          isFrozen();
          await thawed;
        }
        return idempotency.commit(move(10), CREATED);
      },
  );
  const first = call(request(), { getRemainingTimeInMillis: () => 10_000 });
  await frozen;
  clock.advance(DAY_MS + 1_000);
  thaw();
  expect(problemOf(await first).code).toBe("claim_lost");
  expect(await balances()).toEqual(NOT_MOVED);
  expect(await call(request())).toMatchObject(CREATED);
  expect(await balances()).toEqual(MOVED_ONCE);
});
