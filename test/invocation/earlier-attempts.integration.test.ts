import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import {
  gluwa,
  type IdempotencyOptions,
  ietf,
  isCommitRefused,
  orzcash,
  type Store,
  stripe,
} from "../../lib/index.ts";
import { idempotency } from "../../lib/middy.ts";
import { startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Answer, type Behaviour, problemOf, serviceOf } from "../support/service.ts";
import { type MoneyService, openService } from "./commits/open-service.ts";

/*
 * A client's first attempt is slow, and its retry is refused. Whatever the way of the refusal, the first
 * attempt must not pay after the client was told.
 */

const CREATED = { statusCode: 201, body: "{}" };
const REFUSED = { statusCode: 422, body: "insufficient funds" };
const NEAR_THE_END = { getRemainingTimeInMillis: () => 900 };
const KEY = "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f";
const UNMOVED = [100, 100];

const order = (body = "{}") => httpApiEvent({ key: KEY, body });
const refuse = () => {
  throw Object.assign(new Error("insufficient funds"), REFUSED);
};

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

let engine: Awaited<ReturnType<typeof startEngine>>;

beforeAll(async () => {
  engine = await startEngine({ engine: "in-memory" });
}, 30_000);

afterAll(() => engine.close());

type Options = Partial<IdempotencyOptions<unknown, { getRemainingTimeInMillis(): number }>>;

/** A service whose first attempt sleeps before its commit of 10, while `then` handles the others. */
async function openSlowService(then: (service: MoneyService) => Behaviour, options: Options = {}) {
  const asleep = gate();
  const wake = gate();
  const service: MoneyService = await openService(
    engine,
    ({ move }) =>
      async (run) => {
        if (run.count > 1) return then(service)(run);
        asleep.open();
        await wake.opened;
        return run.context.idempotency.commit(move(10), CREATED);
      },
    { claimAt: "commit", ...options } as never,
  );
  return {
    service,
    async sleep(event = order()) {
      const first = service.call(event);
      await asleep.opened;
      return awaken(first, wake.open);
    },
  };
}

/** The first attempt, and the function that lets it go on. */
function awaken(first: Promise<Answer>, open: () => void) {
  return async () => {
    open();
    return first;
  };
}

/** The status that a client was told, by a response or by an error of the handler. */
const statusOf = (call: Promise<Answer>) =>
  call.then(
    ({ statusCode }) => statusCode,
    (error) => error.statusCode,
  );

describe("an attempt from before a refusal does not pay after it:", () => {
  test.each<[string, Behaviour, Options, object | undefined]>([
    ["by reject()", ({ context }) => context.idempotency.reject(REFUSED), {}, undefined],
    [
      "by reject(), near the end of the invocation",
      ({ context }) => context.idempotency.reject(REFUSED),
      {},
      NEAR_THE_END,
    ],
    ["by an error, near the end of the invocation", refuse, {}, NEAR_THE_END],
    [
      "by an error after a downstream key, on a route that records commits alone",
      ({ context }) => {
        context.idempotency.downstreamKey("quote");
        return refuse();
      },
      { uncommitted: "refuse" },
      undefined,
    ],
    [
      "by a 409 that the profile releases",
      () => ({ statusCode: 409 }),
      { profile: stripe() },
      undefined,
    ],
  ])("%s", async (_name, then, options, context) => {
    const { service, sleep } = await openSlowService(() => then, options);
    const wake = await sleep();
    expect([409, 422]).toContain(await statusOf(service.call(order(), context as never)));
    expect((await wake()).statusCode).not.toBe(201);
    expect(await service.balances()).toEqual(UNMOVED);
  });

  test.each([403, 409])(
    "by a thrown %i after the business has refused its commit",
    async (statusCode) => {
      const { service, sleep } = await openSlowService(({ move }) => async ({ context }) => {
        await context.idempotency.commit(move(1_000), CREATED).catch(() => {});
        throw Object.assign(new Error("over the limit"), { statusCode });
      });
      const wake = await sleep();
      expect(await statusOf(service.call(order()))).toBe(statusCode);
      expect((await wake()).statusCode).not.toBe(201);
      expect(await service.balances()).toEqual(UNMOVED);
    },
  );

  test("by a response in the middleware form, near the end of the invocation", async () => {
    const { service, sleep } = await openSlowService(() => () => CREATED);
    const handler = middy()
      .use(
        idempotency({
          ...{ store: service.store, singleTenant: true, clock: service.clock },
          ...{ claimAt: "commit", observe: () => {} },
        }),
      )
      .handler(async () => REFUSED);
    const wake = await sleep();
    expect(await handler(order() as never, NEAR_THE_END as never)).toMatchObject(REFUSED);
    expect(await wake()).toMatchObject(REFUSED);
    expect(await service.balances()).toEqual(UNMOVED);
  });

  test("by the option validate", async () => {
    let isStrict = false;
    const validate = () => (isStrict ? REFUSED : undefined);
    const { service, sleep } = await openSlowService(() => () => CREATED, { validate });
    const wake = await sleep();
    isStrict = true;
    expect((await service.call(order())).statusCode).toBe(422);
    expect(problemOf(await wake()).code).toBe("key_freed");
    expect(await service.balances()).toEqual(UNMOVED);
  });

  test("by reject() after the business has refused a commit, even if the attempt began in between", async () => {
    const refusedOnce = gate();
    const rejects = gate();
    let runs = 0;
    const asleep = gate();
    const wake = gate();
    const service = await openService(
      engine,
      ({ move }) =>
        async ({ context: { idempotency } }) => {
          runs += 1;
          if (runs === 1) return idempotency.reject(REFUSED);
          if (runs === 2) {
            await expect(idempotency.commit(move(1_000), CREATED)).rejects.toThrow();
            refusedOnce.open();
            await rejects.opened;
            return idempotency.reject(REFUSED);
          }
          asleep.open();
          await wake.opened;
          return idempotency.commit(move(10), CREATED);
        },
      { claimAt: "commit", readFirst: "always" },
    );
    await service.call(order());
    const refused = service.call(order());
    await refusedOnce.opened;
    const between = service.call(order());
    await asleep.opened;
    rejects.open();
    expect((await refused).statusCode).toBe(422);
    wake.open();
    expect(problemOf(await between).code).toBe("key_freed");
    expect(await service.balances()).toEqual(UNMOVED);
  });

  const ahead = (service: MoneyService) => ({
    ...service.clock,
    now: () => service.clock.now() + 60_000,
  });
  test.each<[string, (service: MoneyService) => object]>([
    ["", () => ({})],
    [", by the option validate", () => ({ validate: () => REFUSED })],
    [", by a clock that is ahead", (service) => ({ clock: ahead(service) })],
  ])(
    "as the request of another payload, while that one's commit is on its way%s",
    async (_name, optionsOf) => {
      const claimed = gate();
      const goOn = gate();
      const { service, sleep } = await openSlowService(
        ({ move }) =>
          ({ context: { idempotency } }) =>
            idempotency.commit(move(10), CREATED),
      );
      const { store, clock } = service;
      const wake = await sleep();
      const rejecting = { store, clock, claimAt: "commit" } as const;
      await serviceOf(({ context }) => context.idempotency.reject(REFUSED), rejecting).call(
        order('{"order":0}'),
      );
      const slow: typeof store = {
        ...store,
        async commit(request, options) {
          if ("completion" in request && "fence" in request.completion) {
            claimed.open();
            await goOn.opened;
          }
          return store.commit?.(request, options) as never;
        },
      };
      const other = serviceOf(
        async ({ context: { idempotency } }) => {
          try {
            return await idempotency.commit(service.move(1_000), CREATED);
          } catch (error) {
            if (!isCommitRefused(error)) throw error;
            return idempotency.reject(REFUSED);
          }
        },
        { store: slow, clock, claimAt: "commit" },
      ).call(order('{"order":2}'));
      await claimed.opened;
      // Not a mismatch, which would tell the client that this request has no effect.
      const retried = serviceOf(
        ({ context }) => context.idempotency.commit(service.move(10), CREATED),
        { store, clock, claimAt: "commit", ...optionsOf(service) } as never,
      );
      expect(problemOf(await retried.call(order())).code).toBe("request_in_flight");
      goOn.open();
      await other;
      expect((await wake()).statusCode).toBe(201);
    },
  );
});

test("an attempt that a process with a fast clock began before the end of a response replays it", async () => {
  const profile = ietf({ retention: { seconds: 3_600, from: "completion" } });
  const { service } = await openSlowService(() => () => CREATED);
  const { store, clock } = service;
  const fast = { ...clock, now: () => clock.now() + 29 * 60_000 };
  const asleep = gate();
  const wake = gate();
  const options = { store, claimAt: "commit", profile } as const;
  const pay: Behaviour = ({ context }) => context.idempotency.commit(service.move(10), CREATED);
  const first = serviceOf(
    async (run) => {
      asleep.open();
      await wake.opened;
      return pay(run);
    },
    { ...options, clock: fast as never },
  ).call(order());
  await asleep.opened;
  expect((await serviceOf(pay, { ...options, clock }).call(order())).statusCode).toBe(201);
  clock.advance(32 * 60_000);
  wake.open();
  expect((await first).headers).toMatchObject({ "Idempotent-Replayed": "true" });
  expect(await service.balances()).toEqual([90, 110]);
});

test("a hook behind the middleware that refuses a late response does not deny what the handler has done", async () => {
  const { service } = await openSlowService(() => () => CREATED);
  const { store, clock } = service;
  const handler = middy()
    .use(idempotency({ store, clock, singleTenant: true, observe: () => {} }))
    .use({
      after: () => {
        throw Object.assign(new Error("the response is invalid"), { statusCode: 422 });
      },
    })
    .handler(async () => CREATED);
  expect(await handler(order() as never, NEAR_THE_END as never)).toMatchObject(CREATED);
});

describe("a key stays usable:", () => {
  test.each(["start", "commit"] as const)(
    "a commit that is lost until its time is over does not lock it, with claimAt %s",
    async (claimAt) => {
      let sends = 0;
      let isLost = false;
      const { call, clock, balances } = await openService(
        engine,
        ({ move }) =>
          ({ count, context: { idempotency } }) =>
            count === 1 ? idempotency.reject(REFUSED) : idempotency.commit(move(10), CREATED),
        { profile: gluwa(), claimAt, readFirst: "always" },
        (command) => {
          if (!isLost || command !== "TransactWriteItems") return "none";
          sends += 1;
          // With claimAt "commit" the first send meets the freed record, and a claim follows.
          return claimAt === "start" || sends > 1 ? "lost-request" : "none";
        },
      );
      const event = httpApiEvent({ body: JSON.stringify({ Idem: KEY }) });
      await call(event);
      isLost = true;
      expect((await call(event)).statusCode).toBe(503);
      isLost = false;
      clock.advance(60_000);
      expect((await call(event)).statusCode).toBe(201);
      expect(await balances()).toEqual([90, 110]);
    },
  );

  test("an interrupted late claim goes on after validate was tightened, where the profile resumes", async () => {
    let isStrict = false;
    let isLost = false;
    const validate = () => (isStrict ? REFUSED : undefined);
    const service = await openService(
      engine,
      ({ move }) =>
        ({ count, context: { idempotency } }) => {
          if (count === 1) return idempotency.reject(REFUSED);
          idempotency.downstreamKey("quote");
          return idempotency.commit(move(10), CREATED);
        },
      { claimAt: "commit", profile: orzcash(), readFirst: "always", validate },
    );
    const dying = {
      ...service.store,
      commit: (...args: Parameters<NonNullable<Store["commit"]>>) =>
        isLost && "completion" in args[0] && "fence" in args[0].completion
          ? Promise.reject(new Error("dies"))
          : (service.store.commit?.(...args) as never),
      free: () => Promise.reject(new Error("dies")),
    };
    await service.call(order());
    isLost = true;
    await serviceOf(({ context }) => context.idempotency.commit(service.move(10), CREATED), {
      store: dying,
      clock: service.clock,
      claimAt: "commit",
      profile: orzcash(),
      readFirst: "always",
    })
      .call(order())
      .catch(() => {});
    service.clock.advance(20 * 60_000);
    isStrict = true;
    expect((await service.call(order())).statusCode).toBe(201);
  });

  test.each<[string, Behaviour]>([
    ["by reject()", ({ context }) => context.idempotency.reject(REFUSED)],
    ["by an error", refuse],
  ])("a refusal near the end of the invocation does not lock it, %s", async (_name, then) => {
    const body = (amount: number) =>
      httpApiEvent({
        body: JSON.stringify({ Idem: KEY, amount }),
      });
    const { call } = await openService(
      engine,
      () => (run) => (run.count === 1 ? then(run) : CREATED),
      { profile: gluwa() },
    );
    expect(await statusOf(call(body(1), NEAR_THE_END))).toBe(422);
    expect((await call(body(2))).statusCode).toBe(201);
  });

  test("a commit that the business refuses over a freed record does not lock it, after a downstream key", async () => {
    const { call } = await openService(
      engine,
      ({ move }) =>
        ({ count, context: { idempotency } }) => {
          if (count === 1) return idempotency.reject(REFUSED);
          idempotency.downstreamKey("quote");
          return idempotency.commit(move(count === 2 ? 1_000 : 10), CREATED);
        },
      { profile: gluwa(), claimAt: "commit", readFirst: "always" },
    );
    const event = httpApiEvent({
      body: JSON.stringify({ Idem: KEY }),
    });
    await call(event);
    await expect(call(event)).rejects.toMatchObject({ name: "IdempotencyCommitRefused" });
    expect((await call(event)).statusCode).toBe(201);
  });

  test("a claim that validate lets through still ends", async () => {
    let isStrict = false;
    const die = () => Promise.reject(new Error("dies"));
    const { call, clock } = await openService(
      engine,
      () => (run) => (run.count <= 2 ? die() : CREATED),
      { validate: () => (isStrict ? REFUSED : undefined) },
    );
    await expect(call(order())).rejects.toThrow("dies");
    isStrict = true;
    await expect(call(order())).rejects.toThrow("dies");
    isStrict = false;
    clock.advance(25 * 60 * 60 * 1_000);
    expect((await call(order('{"order":2}'))).statusCode).toBe(201);
  });

  test("a process that remembers an ended response reads the freed record after one 503", async () => {
    const profile = ietf({ retention: { seconds: 3_600, from: "completion" } });
    const options = { claimAt: "commit", cache: {}, profile } as const;
    let rejects = false;
    const service = await openService(
      engine,
      ({ move }) =>
        ({ context: { idempotency } }) =>
          rejects ? idempotency.reject(REFUSED) : idempotency.commit(move(10), CREATED),
      options,
    );
    const { store, clock } = service;
    const behaviour: Behaviour = ({ context: { idempotency } }) =>
      rejects ? idempotency.reject(REFUSED) : idempotency.commit(service.move(10), CREATED);
    const other = serviceOf(behaviour, { store, clock, ...options });
    await other.call(order());
    await service.call(order());
    clock.advance(3_601_000);
    rejects = true;
    expect((await other.call(order())).statusCode).toBe(422);
    rejects = false;
    expect(problemOf(await service.call(order())).code).toBe("key_freed");
    expect((await service.call(order())).statusCode).toBe(201);
  });
});
