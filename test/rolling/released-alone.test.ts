import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { createGate, type Deployments, openDeployments, type Work } from "./deployments.ts";
import type { Package, Version } from "./versions.ts";

/*
 * Two functions of version 0.1.0 alone pay twice in these stories, or pay after a refusal. Beside a
 * function of the present version, an old one still does where the story needs nothing but 0.1.0's own
 * records. docs/deployment.md lists them.
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
const request = () => httpApiEvent({ key: KEY, body: "{}" });
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const CREATED = { statusCode: 201, body: '{"paid":10}' };
const REFUSED = { statusCode: 422, body: '{"error":"insufficient funds"}' };

const pays: Work = ({ context }) => context.idempotency.commit(world.move(10), CREATED);
const resuming = ({ orzcash }: Package) => ({ profile: orzcash() });
const restarting = ({ orzcash }: Package) => ({
  profile: orzcash({ interrupted: "restart", abandoned: "leave" }),
});
/** The money that has left the first account. */
async function paid(): Promise<number> {
  const [left] = await world.balances();
  return 100 - left;
}

const PAIRS: readonly (readonly [Version, Version])[] = [
  ["old", "old"],
  ["old", "new"],
  ["new", "old"],
  ["new", "new"],
];

/** The money that is paid in a story, by the versions of its first and its second function. */
async function paidBy(story: (first: Version, second: Version) => Promise<void>) {
  const amounts: Record<string, number> = {};
  for (const [first, second] of PAIRS) {
    world = await openDeployments(engine);
    await story(first, second);
    amounts[`${first}, ${second}`] = await paid();
  }
  return amounts;
}

test("a payment in a recorded step is made again by a route of 0.1.0 that claims at the commit", async () => {
  const stepAndDie: Work = async ({ context, kill }) => {
    await context.idempotency.step("pay", ({ commit }) => commit(world.move(10), "paid"));
    kill();
  };
  const amounts = await paidBy(async (first, second) => {
    await world.deploy(first, stepAndDie, resuming).call(request());
    world.clock.advance(MINUTE_MS);
    const atCommit = (released: Package) => ({ ...resuming(released), claimAt: "commit" as const });
    await world.deploy(second, pays, atCommit).call(request());
  });
  expect(amounts).toEqual({ "old, old": 20, "old, new": 10, "new, old": 10, "new, new": 10 });
});

test("a payment outside DynamoDB that no step has recorded is made again by a route that restarts, over a record of 0.1.0", async () => {
  const amounts: Record<string, number> = {};
  for (const [first, second] of PAIRS) {
    world = await openDeployments(engine);
    const keys = new Set<string>();
    const inStep: Work = ({ context, kill }) =>
      context.idempotency.step("bank", ({ downstreamKey }) => {
        keys.add(downstreamKey);
        kill();
      });
    const outside: Work = ({ context }) => {
      keys.add(context.idempotency.downstreamKey("bank"));
      return CREATED;
    };
    await world.deploy(first, inStep, resuming).call(request());
    world.clock.advance(MINUTE_MS);
    await world.deploy(second, outside, restarting).call(request());
    amounts[`${first}, ${second}`] = keys.size;
  }
  // 0.1.0 does not mark what has begun.
  expect(amounts).toEqual({ "old, old": 2, "old, new": 2, "new, old": 1, "new, new": 1 });
});

test("a claim of 0.1.0 that is frozen until its end commits, and its record has ended at once", async () => {
  const amounts = await paidBy(async (first, second) => {
    const gate = createGate();
    const frozen: Work = async (run) => {
      await gate.sleep();
      return pays(run);
    };
    const dwolla = (released: Package) => ({ profile: released.dwolla() });
    const late = world.deploy(first, frozen, dwolla).call(request());
    await gate.isReached;
    world.clock.advance(DAY_MS + MINUTE_MS);
    gate.wake();
    await late;
    await world.deploy(second, pays, dwolla).call(request());
  });
  // 0.1.0 refuses for an hour more, because the record is the present version's.
  expect(amounts).toEqual({ "old, old": 20, "old, new": 20, "new, old": 0, "new, new": 10 });
});

describe("money moves after a final refusal", () => {
  test("of 0.1.0 under claimAt commit, which records nothing", async () => {
    const amounts = await paidBy(async (first, second) => {
      const gate = createGate();
      const atCommit = () => ({ claimAt: "commit" as const });
      const slow: Work = async (run) => {
        await gate.sleep();
        return pays(run);
      };
      const late = world.deploy(first, slow, atCommit).call(request());
      await gate.isReached;
      const rejects: Work = ({ context }) => context.idempotency.reject(REFUSED);
      expect(await world.deploy(second, rejects, atCommit).call(request())).toMatchObject(REFUSED);
      gate.wake();
      await late;
    });
    expect(amounts).toEqual({ "old, old": 10, "old, new": 0, "new, old": 10, "new, new": 0 });
  });

  test("of 0.1.0 after a recorded step, which only releases the claim", async () => {
    const amounts = await paidBy(async (first, second) => {
      const inSteps =
        (then: Work): Work =>
        async (run) => {
          await run.context.idempotency.step("check", () => "checked");
          return then(run);
        };
      const throws: Work = () => {
        throw Object.assign(new Error("refused"), { statusCode: 422 });
      };
      await world.deploy(first, inSteps(throws), resuming).call(request());
      await world.deploy(second, inSteps(pays), resuming).call(request());
    });
    expect(amounts).toEqual({ "old, old": 10, "old, new": 10, "new, old": 0, "new, new": 0 });
  });

  test("of a slow function of 0.1.0, whose successor has paid before it", async () => {
    const statuses: Record<string, number> = {};
    const amounts = await paidBy(async (first, second) => {
      const gate = createGate();
      const slow: Work = async ({ context }) => {
        await gate.sleep();
        return context.idempotency.reject(REFUSED);
      };
      const late = world.deploy(first, slow).call(request());
      await gate.isReached;
      world.clock.advance(MINUTE_MS);
      await world.deploy(second, pays).call(request());
      gate.wake();
      statuses[`${first}, ${second}`] = (await late).statusCode;
    });
    // 0.1.0 takes over nothing from the present version.
    expect(amounts).toEqual({ "old, old": 10, "old, new": 10, "new, old": 0, "new, new": 10 });
    expect(statuses).toEqual({
      "old, old": 422,
      "old, new": 422,
      "new, old": 422,
      "new, new": 201,
    });
  });
});
