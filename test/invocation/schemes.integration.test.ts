import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type IdempotencyOptions, ietf, orzcash, type Profile } from "../../lib/index.ts";
import { type Engine, startEngine } from "../../local/engine.ts";
import { httpApiEvent } from "../support/events.ts";
import { type Behaviour, problemOf, serviceOf, type TestContext } from "../support/service.ts";
import { openService } from "./commits/open-service.ts";

/*
 * A service changes its rules of comparison, or the secret of its fingerprints, while records of the
 * earlier scheme live. A true retry neither executes again nor is told to use another key.
 */

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
}, 30_000);
afterAll(() => engine.close());

type Options = Partial<IdempotencyOptions<unknown, TestContext>>;

const EARLIER = { method: true, path: true, query: true, body: true };
const LATER = { ...EARLIER, body: { exclude: ["/note"] } };
const CREATED = { statusCode: 201, body: "{}" };
const request = (body = '{"amount":10,"note":"a"}', key = "k") => httpApiEvent({ key, body });

/** The two configurations of a deployment, with what the later one must know of the earlier one. */
const CHANGES: readonly (readonly [string, Options, (isKnown: boolean) => Options])[] = [
  [
    "other rules",
    { profile: ietf({ fingerprint: EARLIER }) },
    (isKnown) => ({
      profile: ietf({ fingerprint: { ...LATER, ...(isKnown && { previous: [EARLIER] }) } }),
    }),
  ],
  [
    "another secret",
    { profile: ietf({ fingerprint: EARLIER }), secret: "one" },
    (isKnown) => ({
      profile: ietf({
        fingerprint: { ...EARLIER, ...(isKnown && { previous: [{ ...EARLIER, secret: "one" }] }) },
      }),
      secret: { ids: "one", fingerprints: "two" },
    }),
  ],
];

describe.each(CHANGES)("after a deployment with %s", (_name, earlier, later) => {
  /** A service of the earlier configuration, and a function that deploys the later one. */
  async function open(behaviour: Behaviour, options: Options = {}) {
    const service = await openService(engine, () => behaviour, {
      ...earlier,
      ...options,
    } as Options);
    const { store, clock } = service;
    const deploy = (isKnown: boolean, more: Options = {}) =>
      serviceOf(behaviour, { store, clock, ...later(isKnown), ...more } as Options);
    return { ...service, deploy };
  }

  test("a repeat is replayed, if the service still knows the scheme of its record", async () => {
    const { call, deploy } = await open(() => CREATED);
    await call(request());
    const deployed = deploy(true);
    expect(await deployed.call(request())).toMatchObject(CREATED);
    expect(problemOf(await deployed.call(request('{"amount":11,"note":"a"}'))).code).toBe(
      "payload_mismatch",
    );
    expect(deployed.runs()).toBe(0);
  });

  test("a repeat cannot be compared, if the service does not know the scheme", async () => {
    const { call, deploy } = await open(() => CREATED);
    await call(request());
    const deployed = deploy(false);
    const refused = await deployed.call(request());
    expect(refused.statusCode).toBe(409);
    expect(problemOf(refused)).toMatchObject({ code: "request_incomparable" });
    expect(problemOf(refused).message).not.toMatch(/(new|another|different) key/);
    expect(deployed.runs()).toBe(0);
  });

  test("an interrupted request is taken over with its downstream keys, and has the new scheme then", async () => {
    const keys: string[] = [];
    const { call, deploy, clock } = await open(({ count, context }) => {
      keys.push(context.idempotency.downstreamKey("charge"));
      if (keys.length < 3) throw new Error(`run ${count} dies`);
      return CREATED;
    });
    await expect(call(request())).rejects.toThrow("dies");
    await expect(deploy(true).call(request())).rejects.toThrow("dies");
    clock.advance(60_000);
    // The record has the later scheme now, so nothing of the earlier one is needed.
    const last = deploy(false);
    expect(await last.call(request())).toMatchObject(CREATED);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  });

  test("a commit that claims is refused by a record of the earlier scheme", async () => {
    const { call, move, balances, store, clock } = await open(() => CREATED);
    await call(request());
    for (const isKnown of [true, false]) {
      const committing = serviceOf(({ context }) => context.idempotency.commit(move(10), CREATED), {
        ...{ store, clock, ...later(isKnown) },
        claimAt: "commit",
      } as Options);
      await committing.call(request());
    }
    expect(await balances()).toEqual([100, 100]);
  });
});

test("reserved money of an interrupted payout is not stranded by other rules", async () => {
  const profile = (fingerprint: Profile["fingerprint"]) => ({ profile: orzcash({ fingerprint }) });
  const key = "5f6c3d1e-2b7a-4f0e-9c4d-8a1b2c3d4e5f";
  const service = await openService(
    engine,
    ({ move }) =>
      async ({ count, context: { idempotency } }) => {
        await idempotency.commitStep("reserve", () => ({ writes: move(10), result: "reserved" }));
        if (count === 1) throw new Error("the process dies");
        return CREATED;
      },
    profile(EARLIER),
  );
  const event = request('{"amount":10}', key);
  await expect(service.call(event)).rejects.toThrow("dies");
  const { store, clock } = service;
  const resume: Behaviour = async ({ context: { idempotency } }) => {
    await idempotency.commitStep("reserve", () => {
      throw new Error("the step runs again");
    });
    return CREATED;
  };
  const deployed = serviceOf(resume, {
    store,
    clock,
    ...profile({ ...LATER, previous: [EARLIER] }),
  });
  expect(await deployed.call(event)).toMatchObject(CREATED);
  expect(await service.balances()).toEqual([90, 110]);
});
