import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { IdempotencyOptions } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { problemOf, type TestContext } from "../support/service.ts";
import {
  createGate,
  type Deployments,
  GATEWAY_ERROR,
  openDeployments,
  type Work,
} from "./deployments.ts";
import type { Package } from "./versions.ts";

/*
 * A rolling deployment: functions of version 0.1.0 and of the present version serve one table. Version
 * 0.1.0 takes over nothing that the present version has written, until the attribute for TTL has passed.
 */

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

let world: Deployments;
beforeEach(async () => {
  world = await openDeployments(engine);
});

const KEY = "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CREATED = { statusCode: 201, body: '{"paid":10}' };
const REFUSED = { statusCode: 422, body: '{"error":"insufficient funds"}' };
const NOT_MOVED = [100, 100];
const MOVED_ONCE = [90, 110];
const MOVED_TWICE = [80, 120];

const request = (body: object = {}) =>
  httpApiEvent({ key: KEY, body: JSON.stringify({ externalId: KEY, Idem: KEY, ...body }) });

const pays: Work = ({ context }) => context.idempotency.commit(world.move(10), CREATED);
const dies: Work = ({ kill }) => kill();
const rejects: Work = ({ context }) => context.idempotency.reject(REFUSED);

/** Pays under a downstream key, which it notes first, and commits. */
function paysUnder(keys: string[], then: Work = pays): Work {
  return (run) => {
    keys.push(run.context.idempotency.downstreamKey("bank"));
    return then(run);
  };
}

type Configure = (released: Package) => Partial<IdempotencyOptions<unknown, TestContext>>;
const atCommit: Configure = () => ({ claimAt: "commit" });
const resuming: Configure = ({ orzcash }) => ({ profile: orzcash() });
const gluwa: Configure = (released) => ({ profile: released.gluwa() });
const entities: Configure = ({ dfns }) => ({
  profile: dfns("transfer"),
  loadEntity: () => undefined,
});

const CONFIGURATIONS: readonly (readonly [string, Configure])[] = [
  ["ietf()", () => ({})],
  ["dwolla()", ({ dwolla }) => ({ profile: dwolla() })],
  ["orzcash()", resuming],
  ["dfns()", entities],
  ["gluwa()", gluwa],
];
const TAKEN_OVER = CONFIGURATIONS.filter(([name]) => name !== "gluwa()");

/** gluwa() words its refusals without a code. */
async function expectUnreadable(answer: Promise<{ statusCode: number; body?: string }>) {
  const { statusCode, body = "" } = await answer;
  expect(statusCode).toBe(500);
  expect(body).toMatch(/record_unreadable|InternalServerError/);
}

describe("0.1.0 claims and dies", () => {
  test.each(TAKEN_OVER)(
    "%s: the present version waits for the lease, and pays once",
    async (_name, configure) => {
      const old = world.deploy("old", dies, configure);
      const present = world.deploy("new", pays, configure);
      expect(await old.call(request())).toEqual(GATEWAY_ERROR);
      expect((await present.call(request())).statusCode).toBe(409);
      world.clock.advance(MINUTE_MS);
      expect(await present.call(request())).toMatchObject(CREATED);
      expect(present.runs()).toBe(1);
      expect(await world.balances()).toEqual(MOVED_ONCE);
      // From here on the record is the present version's.
      await expectUnreadable(old.call(request()));
      expect(old.runs()).toBe(1);
    },
  );

  test("the successor has the same downstream key", async () => {
    const keys: string[] = [];
    await world.deploy("old", paysUnder(keys, dies)).call(request());
    world.clock.advance(MINUTE_MS);
    await world.deploy("new", paysUnder(keys)).call(request());
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  test("the successor has its steps, with their results and their downstream keys", async () => {
    const seen: unknown[] = [];
    const inSteps =
      (then: Work): Work =>
      async (run) => {
        const { step } = run.context.idempotency;
        const order = await step("reserve", ({ downstreamKey, commit }) =>
          commit(world.move(10), { order: downstreamKey }),
        );
        return step("bank", ({ downstreamKey }) => {
          seen.push({ order, downstreamKey });
          return then(run);
        });
      };
    await world.deploy("old", inSteps(dies), resuming).call(request());
    world.clock.advance(2 * DAY_MS);
    const present = world.deploy(
      "new",
      inSteps(() => CREATED),
      resuming,
    );
    expect(problemOf(await present.call(request({ other: true }))).code).toBe("payload_mismatch");
    expect(await present.call(request())).toMatchObject(CREATED);
    expect(seen).toEqual([seen[0], seen[0]]);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("the successor has the id of its entity", async () => {
    const ids: unknown[] = [];
    const notes =
      (then: Work): Work =>
      (run) => {
        ids.push(run.context.idempotency.entityId);
        return then(run);
      };
    await world.deploy("old", notes(dies), entities).call(request());
    world.clock.advance(MINUTE_MS);
    const withCommit: Configure = (released) => ({ ...entities(released), claimAt: "commit" });
    await world.deploy("new", notes(pays), withCommit).call(request());
    expect(ids).toEqual([expect.any(String), ids[0]]);
  });

  test("under gluwa() no version takes it over", async () => {
    await world.deploy("old", dies, gluwa).call(request());
    world.clock.advance(2 * DAY_MS);
    const present = world.deploy("new", pays, gluwa);
    expect((await present.call(request())).statusCode).toBe(409);
    expect(present.runs()).toBe(0);
  });

  test("and the present version as well: another function of it finishes, with the same downstream key", async () => {
    const keys: string[] = [];
    await world.deploy("old", paysUnder(keys, dies)).call(request());
    world.clock.advance(MINUTE_MS);
    await world.deploy("new", paysUnder(keys, dies)).call(request());
    world.clock.advance(MINUTE_MS);
    await expectUnreadable(world.deploy("old", paysUnder(keys)).call(request()));
    expect(await world.deploy("new", paysUnder(keys)).call(request())).toMatchObject(CREATED);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("a slow owner of 0.1.0 is fenced: its late commit moves nothing", async () => {
    const gate = createGate();
    const slow: Work = async (run) => {
      await gate.sleep();
      return pays(run);
    };
    const late = world.deploy("old", slow).call(request());
    await gate.isReached;
    world.clock.advance(MINUTE_MS);
    const present = world.deploy("new", pays);
    expect(await present.call(request())).toMatchObject(CREATED);
    gate.wake();
    await expectUnreadable(late);
    expect(await world.balances()).toEqual(MOVED_ONCE);
    expect(await present.call(request())).toMatchObject(CREATED);
  });
});

describe("the present version claims and dies", () => {
  test.each(CONFIGURATIONS)(
    "%s: 0.1.0 refuses, before and after the lease, and runs nothing",
    async (_name, configure) => {
      const old = world.deploy("old", pays, configure);
      await world.deploy("new", dies, configure).call(request());
      await expectUnreadable(old.call(request()));
      world.clock.advance(MINUTE_MS);
      await expectUnreadable(old.call(request()));
      await expectUnreadable(old.call(request({ other: true })));
      world.clock.advance(DAY_MS - HOUR_MS);
      await expectUnreadable(old.call(request()));
      expect(old.runs()).toBe(0);
      expect(await world.balances()).toEqual(NOT_MOVED);
    },
  );

  test.each(TAKEN_OVER)(
    "%s: once the lease is over the present version finishes",
    async (_name, configure) => {
      const old = world.deploy("old", pays, configure);
      const present = world.deploy("new", pays, configure);
      await world.deploy("new", dies, configure).call(request());
      await expectUnreadable(old.call(request()));
      world.clock.advance(MINUTE_MS);
      expect(await present.call(request())).toMatchObject(CREATED);
      expect(await world.balances()).toEqual(MOVED_ONCE);
    },
  );

  test("a marked claim never ends, so 0.1.0 never takes its key", async () => {
    const pending: Work = ({ context, kill }) => context.idempotency.step("bank", kill);
    await world.deploy("new", pending, resuming).call(request());
    const old = world.deploy("old", pays, resuming);
    world.clock.advance(400 * DAY_MS);
    await expectUnreadable(old.call(request()));
    expect(
      await world
        .deploy("new", ({ context }) => context.idempotency.step("bank", () => CREATED), resuming)
        .call(request()),
    ).toMatchObject(CREATED);
    expect(old.runs()).toBe(0);
  });
});

describe("a completed request", () => {
  test.each([
    ["short", CREATED],
    ["compressed", { statusCode: 200, body: `"${"the same text again ".repeat(5_000)}"` }],
    [
      "of bytes",
      {
        statusCode: 200,
        headers: { "content-type": "image/png" },
        body: Buffer.from([0, 255, 1]).toString("base64"),
        isBase64Encoded: true,
      },
    ],
  ])("of 0.1.0 is replayed by the present version: %s", async (_name, response) => {
    await world.deploy("old", () => response).call(request());
    const present = world.deploy("new", pays);
    expect(await present.call(request())).toMatchObject(response);
    expect(problemOf(await present.call(request({ other: true }))).code).toBe("payload_mismatch");
    world.clock.advance(DAY_MS - MINUTE_MS);
    expect(await present.call(request())).toMatchObject(response);
    expect(present.runs()).toBe(0);
  });

  test.each(CONFIGURATIONS)(
    "of 0.1.0 under %s is a repeat for the present version",
    async (_name, configure) => {
      await world.deploy("old", pays, configure).call(request());
      for (const readFirst of ["never", "always"] as const) {
        const present = world.deploy("new", pays, (released) => ({
          ...configure(released),
          readFirst,
        }));
        expect([200, 201, 409]).toContain((await present.call(request())).statusCode);
        expect(present.runs()).toBe(0);
      }
      const present = world.deploy("new", pays, (released) => ({
        ...configure(released),
        claimAt: "commit",
      }));
      expect([200, 201, 409]).toContain((await present.call(request())).statusCode);
      expect(await world.balances()).toEqual(MOVED_ONCE);
    },
  );

  test("of the present version is refused by 0.1.0 until an hour after its end, and then executed anew", async () => {
    await world.deploy("new", pays).call(request());
    for (const options of [() => ({}), () => ({ readFirst: "always" as const }), atCommit]) {
      await expectUnreadable(world.deploy("old", pays, options).call(request()));
    }
    const old = world.deploy("old", pays);
    world.clock.advance(DAY_MS + HOUR_MS - MINUTE_MS);
    await expectUnreadable(old.call(request()));
    expect(await world.balances()).toEqual(MOVED_ONCE);
    world.clock.advance(2 * MINUTE_MS);
    expect(await old.call(request())).toMatchObject(CREATED);
    expect(await world.balances()).toEqual(MOVED_TWICE);
    const present = world.deploy("new", pays);
    expect(await present.call(request())).toMatchObject(CREATED);
    expect(present.runs()).toBe(0);
  });

  test("of 0.1.0 ends where 0.1.0 ends it, for the present version", async () => {
    await world.deploy("old", pays).call(request());
    world.clock.advance(DAY_MS + MINUTE_MS);
    const present = world.deploy("new", pays);
    expect(await present.call(request({ other: true }))).toMatchObject(CREATED);
    expect(await world.balances()).toEqual(MOVED_TWICE);
    // Its successor is as good as the first record of a key.
    expect(problemOf(await present.call(request())).code).toBe("payload_mismatch");
    await expectUnreadable(world.deploy("old", pays).call(request()));
  });

  test.each(["dfns()", "gluwa()"])(
    "of the present version under %s is refused by 0.1.0 for ever",
    async (name) => {
      const configure = new Map(CONFIGURATIONS).get(name) as Configure;
      await world.deploy("new", pays, configure).call(request());
      world.clock.advance(400 * DAY_MS);
      const old = world.deploy("old", pays, configure);
      await expectUnreadable(old.call(request()));
      expect(old.runs()).toBe(0);
    },
  );
});

describe("a freed key", () => {
  test.each([
    ["the same", {}],
    ["another", { other: true }],
  ])("of 0.1.0 is taken at once by %s payload, as a request of its own", async (_name, body) => {
    const keys: string[] = [];
    const old = world.deploy("old", paysUnder(keys, rejects));
    const reject: Work = rejects;
    expect(await world.deploy("old", reject).call(request())).toMatchObject(REFUSED);
    expect(old.runs()).toBe(0);
    world.clock.advance(1_000);
    const present = world.deploy("new", paysUnder(keys, dies));
    await present.call(request(body));
    world.clock.advance(MINUTE_MS);
    expect(await world.deploy("new", paysUnder(keys)).call(request(body))).toMatchObject(CREATED);
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("of 0.1.0 has a new downstream key, and can be freed again", async () => {
    const keys: string[] = [];
    const notes: Work = ({ context }) => {
      keys.push(context.idempotency.downstreamKey("bank"));
      return context.idempotency.reject(REFUSED);
    };
    for (const version of ["old", "new", "new"] as const) {
      expect(await world.deploy(version, notes).call(request())).toMatchObject(REFUSED);
      world.clock.advance(1_000);
    }
    expect(new Set(keys).size).toBe(3);
  });

  test.each([
    ["before the handler", () => ({})],
    ["at the commit", atCommit],
  ])("of 0.1.0 is taken by the present version %s", async (_name, configure: Configure) => {
    await world.deploy("old", rejects).call(request());
    expect(await world.deploy("new", pays, configure).call(request())).toMatchObject(CREATED);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test.each([
    ["before the handler", () => ({})],
    ["at the commit", atCommit],
  ])(
    "of the present version, freed %s, is refused by 0.1.0 for two hours",
    async (_name, configure: Configure) => {
      expect(await world.deploy("new", rejects, configure).call(request())).toMatchObject(REFUSED);
      const olds = [world.deploy("old", pays), world.deploy("old", pays, atCommit)];
      for (const old of olds) await expectUnreadable(old.call(request()));
      world.clock.advance(2 * HOUR_MS - MINUTE_MS);
      for (const old of olds) await expectUnreadable(old.call(request()));
      expect(await world.balances()).toEqual(NOT_MOVED);
      world.clock.advance(2 * MINUTE_MS);
      expect(await world.deploy("old", pays).call(request())).toMatchObject(CREATED);
      expect(await world.deploy("new", pays).call(request())).toMatchObject(CREATED);
      expect(await world.balances()).toEqual(MOVED_ONCE);
    },
  );

  test.failing("of the present version is taken at the commit by the second attempt, in whichever process", async () => {
    await world.deploy("new", rejects, atCommit).call(request());
    // Each call is a process of its own, as after a cold start.
    const present = world.deploy("new", pays, atCommit);
    expect(problemOf(await present.call(request())).code).toBe("key_freed");
    expect(await present.call(request())).toMatchObject(CREATED);
  });

  test("of the present version is taken at once by another function of it", async () => {
    await world.deploy("new", rejects).call(request());
    await expectUnreadable(world.deploy("old", pays).call(request()));
    expect(await world.deploy("new", pays).call(request({ other: true }))).toMatchObject(CREATED);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });
});

describe("a claim that has ended", () => {
  test("of 0.1.0 leaves nothing to the present version", async () => {
    const keys: string[] = [];
    await world.deploy("old", paysUnder(keys, dies)).call(request());
    world.clock.advance(DAY_MS + MINUTE_MS);
    // It is a first claim, so its key can be freed.
    await world.deploy("new", rejects).call(request({ other: true }));
    expect(await world.deploy("new", paysUnder(keys)).call(request())).toMatchObject(CREATED);
    expect(new Set(keys).size).toBe(2);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("of the present version is taken by 0.1.0 an hour later, and its successor by the present version", async () => {
    const keys: string[] = [];
    await world.deploy("new", paysUnder(keys, dies)).call(request());
    world.clock.advance(DAY_MS + MINUTE_MS);
    await expectUnreadable(world.deploy("old", pays).call(request()));
    world.clock.advance(HOUR_MS);
    expect(await world.deploy("old", paysUnder(keys, dies)).call(request())).toEqual(GATEWAY_ERROR);
    world.clock.advance(MINUTE_MS);
    expect(await world.deploy("new", paysUnder(keys)).call(request())).toMatchObject(CREATED);
    // 0.1.0 takes the start of an ended claim for its own.
    expect(new Set(keys).size).toBe(1);
    expect(await world.balances()).toEqual(MOVED_ONCE);
    await expectUnreadable(world.deploy("old", pays).call(request()));
  });

  test("of 0.1.0, whose owner sleeps until after its end, is fenced by the present version", async () => {
    const gate = createGate();
    const slow: Work = async (run) => {
      await gate.sleep();
      return pays(run);
    };
    const late = world.deploy("old", slow).call(request());
    await gate.isReached;
    world.clock.advance(DAY_MS + MINUTE_MS);
    expect(await world.deploy("new", pays).call(request())).toMatchObject(CREATED);
    gate.wake();
    await expectUnreadable(late);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });
});

describe("a claim at the commit", () => {
  const sleeping =
    (gate: ReturnType<typeof createGate>): Work =>
    async (run) => {
      await gate.sleep();
      return pays(run);
    };

  test("0.1.0 comes late: it is refused, and the money moves once", async () => {
    const gate = createGate();
    const late = world.deploy("old", sleeping(gate), atCommit).call(request());
    await gate.isReached;
    expect(await world.deploy("new", pays, atCommit).call(request())).toMatchObject(CREATED);
    gate.wake();
    await expectUnreadable(late);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("the present version comes late: it replays", async () => {
    const gate = createGate();
    const late = world.deploy("new", sleeping(gate), atCommit).call(request());
    await gate.isReached;
    expect(await world.deploy("old", pays, atCommit).call(request())).toMatchObject(CREATED);
    gate.wake();
    expect(await late).toMatchObject({ ...CREATED, headers: { "Idempotent-Replayed": "true" } });
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });

  test("the present version refuses for good: a late commit of 0.1.0 moves nothing", async () => {
    const gate = createGate();
    const late = world.deploy("old", sleeping(gate), atCommit).call(request());
    await gate.isReached;
    expect(await world.deploy("new", rejects, atCommit).call(request())).toMatchObject(REFUSED);
    gate.wake();
    await expectUnreadable(late);
    expect(await world.balances()).toEqual(NOT_MOVED);
  });

  test.each([
    ["0.1.0", "old", "new"],
    ["the present version", "new", "old"],
  ] as const)("%s claims and dies: one commit in all", async (_name, first, second) => {
    await world.deploy(first, dies).call(request());
    expect((await world.deploy(second, pays, atCommit).call(request())).statusCode).toBeGreaterThan(
      400,
    );
    expect(await world.balances()).toEqual(NOT_MOVED);
    world.clock.advance(MINUTE_MS);
    await world.deploy(second, pays, atCommit).call(request());
    expect(await world.deploy("new", pays, atCommit).call(request())).toMatchObject(CREATED);
    expect(await world.balances()).toEqual(MOVED_ONCE);
  });
});

test("a rollback and a second deployment: 0.1.0 refuses the requests of the time between, which stay as they are", async () => {
  const pending: Work = async ({ context, kill }) => {
    await context.idempotency.step("reserve", ({ commit }) => commit(world.move(10), "reserved"));
    return context.idempotency.step("bank", kill);
  };
  const finished: Work = async ({ context }) => {
    await context.idempotency.step("reserve", ({ commit }) => commit(world.move(10), "reserved"));
    return context.idempotency.step("bank", () => CREATED);
  };
  const before = world.deploy("old", pending, resuming);
  await before.call(request());
  world.clock.advance(MINUTE_MS);
  await world.deploy("new", pending, resuming).call(request());
  // The rollback.
  const rolledBack = world.deploy("old", finished, resuming);
  for (const waitMs of [0, MINUTE_MS, DAY_MS, 30 * DAY_MS]) {
    world.clock.advance(waitMs);
    await expectUnreadable(rolledBack.call(request()));
  }
  expect(rolledBack.runs()).toBe(0);
  expect(await world.deploy("new", finished, resuming).call(request())).toMatchObject(CREATED);
  expect(await world.balances()).toEqual(MOVED_ONCE);
});
