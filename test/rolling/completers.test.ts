import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { completeAbandoned } from "../../lib/completer/complete-abandoned.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { releasedPackage } from "../support/released.ts";
import { clientOf } from "../support/table.ts";
import { type Deployment, type Deployments, openDeployments, type Work } from "./deployments.ts";
import type { Package, Version } from "./versions.ts";

/* The completer of one version meets the records, and the functions, of the other. */

let engine: Engine;
/** A completer of 0.1.0 finds the claims of a Lambda function by its name, and returns its counts. */
let completeAbandonedOld: (tools: object, functionName: string) => Promise<Counts>;
beforeAll(async () => {
  engine = await startEngine();
  const file = join(releasedPackage("0.1.0"), "dist/completer/complete-abandoned.js");
  completeAbandonedOld = (await import(pathToFileURL(file).href)).completeAbandoned;
}, 30_000);
afterAll(() => engine.close());

let world: Deployments;
beforeEach(async () => {
  world = await openDeployments(engine);
});

const KEY = "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f";
const request = () => httpApiEvent({ key: KEY, body: JSON.stringify({ Idem: KEY }) });
const MINUTE_MS = 60_000;
const CREATED = { statusCode: 201, body: '{"paid":10}' };
const MOVED_ONCE = [90, 110];
const resuming = ({ orzcash }: Package) => ({ profile: orzcash() });

/** Pays in a step, and asks a bank in another. */
function inSteps(keys: string[], then: Work): Work {
  return async (run) => {
    const { step } = run.context.idempotency;
    await step("pay", ({ commit }) => commit(world.move(10), "paid"));
    await step("bank", ({ downstreamKey }) => {
      keys.push(downstreamKey);
      return then(run);
    });
    return CREATED;
  };
}

/** How the requests that a completer found have ended. */
interface Counts {
  readonly completed: number;
  readonly unknown: number;
  readonly unfinished: number;
}

/** One run of a completer, which finds the given function under the name of all. */
async function complete(version: Version, deployed: Deployment): Promise<Counts> {
  const tools = {
    client: clientOf(engine),
    tableName: world.recordsTable,
    now: world.clock.now,
    hasTime: () => true,
    invoke: async (_function: string, event: string) =>
      void (await deployed.call(JSON.parse(event))),
    onError: () => {},
  };
  if (version === "old") return completeAbandonedOld(tools, "payments");
  let counts: Counts | undefined;
  const bounds = { maxAttempts: 10, maxAgeMs: 24 * 60 * MINUTE_MS };
  const onCounts = ({ completed, unknown, unfinished }: Counts) => {
    counts = { completed, unknown, unfinished };
  };
  await completeAbandoned(
    { ...tools, ...bounds, onSetAside: () => {}, onCounts },
    {
      name: "payments",
      functionName: "payments",
      arn: "arn:aws:lambda:eu-west-1:1:function:payments",
    },
  );
  if (counts === undefined) throw new Error("The completer has counted nothing.");
  return counts;
}

const VERSIONS = ["old", "new"] as const;

test.each([
  ["old", "old"],
  ["new", "old"],
  ["new", "new"],
] as const)(
  "the %s completer finishes a record of the %s version by the present function, with its downstream keys",
  async (completer, record) => {
    const keys: string[] = [];
    await world
      .deploy(
        record,
        inSteps(keys, ({ kill }) => kill()),
        resuming,
      )
      .call(request());
    world.clock.advance(MINUTE_MS);
    const present = world.deploy(
      "new",
      inSteps(keys, () => "asked"),
      resuming,
    );
    expect(await complete(completer, present)).toEqual({ completed: 1, unknown: 0, unfinished: 0 });
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(await world.balances()).toEqual(MOVED_ONCE);
    expect(await present.call(request())).toMatchObject(CREATED);
  },
);

test.each(VERSIONS)(
  "the %s completer leaves a record of the present version to later, where 0.1.0 is still deployed",
  async (completer) => {
    const keys: string[] = [];
    await world
      .deploy(
        "new",
        inSteps(keys, ({ kill }) => kill()),
        resuming,
      )
      .call(request());
    world.clock.advance(MINUTE_MS);
    const old = world.deploy(
      "old",
      inSteps(keys, () => "asked"),
      resuming,
    );
    // A completer of 0.1.0 does not find the claims of this version.
    const tried = completer === "old" ? 0 : 1;
    expect(await complete(completer, old)).toEqual({ completed: 0, unknown: 0, unfinished: tried });
    expect(old.runs()).toBe(0);
    world.clock.advance(2 * MINUTE_MS);
    const present = world.deploy(
      "new",
      inSteps(keys, () => "asked"),
      resuming,
    );
    expect(await complete("new", present)).toEqual({ completed: 1, unknown: 0, unfinished: 0 });
    expect(await world.balances()).toEqual(MOVED_ONCE);
  },
);

test.each(VERSIONS.flatMap((completer) => VERSIONS.map((record) => [completer, record] as const)))(
  "an outcome that the %s completer gives up in a record of the %s version is unknown for good",
  async (completer, record) => {
    const gluwa = (released: Package) => ({ profile: released.gluwa() });
    await world.deploy(record, ({ kill }) => kill(), gluwa).call(request());
    world.clock.advance(MINUTE_MS);
    const present = world.deploy("new", () => CREATED, gluwa);
    const old = world.deploy("old", () => CREATED, gluwa);
    const isFound = completer === "new" || record === "old";
    const unknown = { completed: 0, unknown: 1, unfinished: 0 };
    expect(await complete(completer, present)).toEqual({ ...unknown, unknown: isFound ? 1 : 0 });
    if (!isFound) expect(await complete("new", present)).toEqual(unknown);
    expect((await present.call(request())).statusCode).toBe(409);
    expect((await old.call(request())).statusCode).toBe(record === "old" ? 409 : 500);
    expect([present.runs(), old.runs()]).toEqual([0, 0]);
  },
);
