import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { PLANTED_FAULTS, type PlantedFault } from "../../../proof/kit/planted-faults.ts";
import { readCommandLine } from "../../../proof/simulate/command-line.ts";
import { play } from "../../../proof/simulate/history.ts";
import {
  type HistoryPlan,
  plans,
  type RequestPlan,
  type Service,
} from "../../../proof/simulate/plan.ts";
import { searchInParallel } from "../../../proof/simulate/pool.ts";
import { search } from "../../../proof/simulate/search.ts";

const SERVICE: Service = {
  profile: "ietf",
  claimAt: "start",
  work: "commit",
  face: "wrapper",
  remembers: false,
};
const PAYS: RequestPlan = { tenant: "alice", amount: 10, environment: 0, fortune: "pays" };

function createPlan(
  parts: Partial<Omit<HistoryPlan, "service">> & { service?: Partial<Service> },
): HistoryPlan {
  const service = { ...SERVICE, ...parts.service };
  return { skewsMs: [0, 0], requests: [PAYS], turns: [], ...parts, service };
}

test("500 histories break no promise", async () => {
  const { runs, violation } = await search({ seed: 1, runs: 500 });
  expect(violation).toBeUndefined();
  expect(runs).toBe(500);
}, 60_000);

test("the histories reach every kind of observation", async () => {
  const { counts } = await search({ seed: 2, runs: 500 });
  for (const name of [
    ...["claimed", "completed", "replayed", "released", "freed", "fenced", "left", "stepped"],
    ...["payload_mismatch", "request_in_flight", "request_interrupted", "already_completed"],
    ...["claim_lost", "outcome_not_recorded", "store_unavailable"],
  ]) {
    expect({ name, count: counts[name] ?? 0 }).not.toEqual({ name, count: 0 });
  }
}, 60_000);

describe("the search finds a broken promise:", () => {
  const MOST: Record<PlantedFault, { readonly runs: number; readonly promise: RegExp }> = {
    "no fence": { runs: 20, promise: /has claimed with fence/ },
    "no owner check": { runs: 1_000, promise: /has paid twice|was told|has taken the key/ },
    "blind release": { runs: 200, promise: /has taken the key/ },
    "no fingerprint in the takeover": { runs: 200, promise: /has taken the key/ },
    "effect split from completion": { runs: 50, promise: /has paid twice/ },
    "completion as an upsert": { runs: 50, promise: /has paid twice/ },
  };

  test.each(PLANTED_FAULTS)(
    "%s",
    async (without) => {
      const { runs, promise } = MOST[without];
      const { violation } = await search({ seed: 14, runs, without });
      expect(violation?.text).toMatch(promise);
      expect(violation?.story.at(-1)).toContain(`BROKEN: ${violation?.text}`);
      expect(violation?.story.length).toBeLessThan(30);
    },
    120_000,
  );
});

test("a violation is found again by its seed and its path, with the same story", async () => {
  const without = "completion as an upsert";
  const { violation } = await search({ seed: 14, runs: 100, without });
  const { seed, path } = violation ?? { seed: 0, path: "" };
  const again = await search({ seed, runs: 1, path, without });
  expect(again.violation).toMatchObject({ text: violation?.text, story: violation?.story });
});

test("the same seed gives the same histories", async () => {
  for (const plan of fc.sample(plans, { seed: 5, numRuns: 20 })) {
    const [one, other]: string[][] = [[], []];
    await play(plan, { story: one as string[] });
    await play(plan, { story: other as string[] });
    // The code of killed executions has ended after this turn.
    await new Promise(setImmediate);
    expect(other).toEqual(one);
  }
  const [one, other] = [await search({ seed: 6, runs: 50 }), await search({ seed: 6, runs: 50 })];
  expect(other.counts).toEqual(one.counts);
});

test("several threads play the same histories as one thread", async () => {
  const progress: number[] = [];
  const parallel = await searchInParallel({ seed: 7, runs: 1_050 }, (runs) => progress.push(runs));
  const [first, second] = await Promise.all([
    search({ seed: 7, runs: 1_000 }),
    search({ seed: (7 + 0x9e3779b1) & 0x7fffffff, runs: 50 }),
  ]);
  expect(parallel.runs).toBe(1_050);
  expect(parallel.counts.claimed).toBe((first.counts.claimed ?? 0) + (second.counts.claimed ?? 0));
  expect(progress.at(-1)).toBe(1_050);
}, 60_000);

describe("histories that once broke a promise keep it:", () => {
  test("a takeover does not free the key, even if its handler rejects the request", async () => {
    const plan = createPlan({
      service: { work: "bank" },
      requests: [
        { ...PAYS, fortune: "throws afterwards" },
        { ...PAYS, fortune: "rejects" },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(/request 2: CLAIM is carried out.*request 2: RELEASE/s);
  });

  test("an owner whose claim a late copy restores does not free a key under which another execution has acted", async () => {
    const plan = createPlan({
      service: { work: "bank" },
      skewsMs: [0, 300_000],
      requests: [
        { ...PAYS, fortune: "throws 404" },
        { ...PAYS, environment: 1, fortune: "throws afterwards" },
      ],
      turns: [
        { at: 1, kind: "fault", choice: 10 },
        { at: 4, kind: "hold", choice: 20 },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(
      /request 2: the bank pays.*late copy of request 1.*request 1: FREE gets Conditional/s,
    );
  });

  const STEPS: Partial<Service> = { profile: "orzcash", work: "steps" };

  test("the completer does not begin a request that was refused and freed after its read", async () => {
    const plan = createPlan({
      service: STEPS,
      skewsMs: [-300_000, 0],
      requests: [{ ...PAYS, fortune: "rejects" }],
      turns: [
        { at: 10, kind: "completer", choice: 0 },
        { at: 1, kind: "completer", choice: 0 },
        { at: 3, kind: "hold", choice: 0 },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(
      /the completer: READ is.*request 1: FREE is.*completer's call 1: CLAIM gets Conditional/s,
    );
  });

  test("a step that throws a 404 has begun, so the key is not freed", async () => {
    const plan = createPlan({
      service: STEPS,
      requests: [{ ...PAYS, amount: 20, fortune: "has a step that throws 404" }, PAYS],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(
      /request 1: RELEASE.*request 2 gets the response 4.*mismatch/s,
    );
  });

  test.each(["ignores a failed commit", "does not wait"] as const)(
    "a step whose commit is lost is not recorded, even if its handler %s",
    async (fortune) => {
      const plan = createPlan({
        service: STEPS,
        requests: [{ ...PAYS, fortune }],
        turns: [{ at: 4, kind: "fault", choice: 3 }],
      });
      const story: string[] = [];
      expect(await play(plan, { story })).toBeUndefined();
      expect(story.join("\n")).toMatch(
        /CHECKPOINT and the payment is lost.*request 1 gets the response 503/s,
      );
    },
  );
});

test("requests that a handler sends after its response belong to its own execution", async () => {
  const plan = createPlan({
    service: { profile: "orzcash", face: "middleware" },
    requests: [{ ...PAYS, fortune: "does not wait" }, PAYS],
    turns: [
      { at: 5, kind: "hold", choice: 5 },
      { at: 0, kind: "completer", choice: 7 },
      { at: 1, kind: "stall", choice: 0 },
    ],
  });
  const story: string[] = [];
  expect(await play(plan, { story })).toBeUndefined();
  expect(story.join("\n")).toMatch(
    /response to request 1 does not arrive.*request 1: transaction.*request 2: transaction/s,
  );
});

describe("the command line", () => {
  test("has defaults, and takes the options that play a history again", () => {
    expect(readCommandLine([])).toMatchObject({ runs: 100_000, path: undefined });
    expect(readCommandLine(["--quick"]).runs).toBe(10_000);
    expect(readCommandLine(["--seed", "5", "--path", "1:2", "--without", "no fence"])).toEqual({
      seed: 5,
      runs: 1,
      path: "1:2",
      without: "no fence",
    });
  });

  test.each([
    [["--runs", "0"], /--runs must be a whole number from 1 to/],
    [["--runs", "many"], /--runs must be a whole number from 1 to \d+, not many/],
    [["--seed", "1.5"], /--seed must be a whole number/],
    [["--without", "luck"], /--without must be one of: no fence, .*; not luck/s],
    [["--fast"], /Unknown option '--fast'.*Options:/s],
  ])("refuses %j", (args, message) => {
    expect(() => readCommandLine(args)).toThrow(message);
  });
});
