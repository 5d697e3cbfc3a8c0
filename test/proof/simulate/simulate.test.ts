import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { PLANTED_FAULTS, type PlantedFault } from "../../../proof/kit/planted-faults.ts";
import { readCommandLine } from "../../../proof/simulate/command-line.ts";
import { play } from "../../../proof/simulate/history.ts";
import { type Plan, plans, type RequestPlan, type Service } from "../../../proof/simulate/plan.ts";
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

function planOf(parts: Partial<Omit<Plan, "service">> & { service?: Partial<Service> }): Plan {
  const service = { ...SERVICE, ...parts.service };
  return { skewsMs: [0, 0], requests: [PAYS], turns: [], ...parts, service };
}

test("in 500 histories no promise is broken", async () => {
  const { runs, violation } = await search({ seed: 1, runs: 500 });
  expect(violation).toBeUndefined();
  expect(runs).toBe(500);
}, 60_000);

test("the layer does everything that it can do", async () => {
  const { counts } = await search({ seed: 2, runs: 500 });
  for (const what of [
    ...["claimed", "completed", "replayed", "released", "freed", "fenced", "left", "stepped"],
    ...["payload_mismatch", "request_in_flight", "request_interrupted", "already_completed"],
    ...["claim_lost", "outcome_not_recorded", "store_unavailable"],
  ]) {
    expect({ what, count: counts[what] ?? 0 }).not.toEqual({ what, count: 0 });
  }
}, 60_000);

describe("without a safeguard a promise is found broken:", () => {
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

test("what was found is found again by its seed and its path, and makes the same story", async () => {
  const without = "completion as an upsert";
  const { violation } = await search({ seed: 14, runs: 100, without });
  const { seed, path } = violation ?? { seed: 0, path: "" };
  const again = await search({ seed, runs: 1, path, without });
  expect(again.violation).toMatchObject({ text: violation?.text, story: violation?.story });
});

test("the same seed makes the same histories", async () => {
  for (const plan of fc.sample(plans, { seed: 5, numRuns: 20 })) {
    const [one, other]: string[][] = [[], []];
    await play(plan, { story: one as string[] });
    await play(plan, { story: other as string[] });
    // Whoever was killed has been let go by now.
    await new Promise(setImmediate);
    expect(other).toEqual(one);
  }
  const [one, other] = [await search({ seed: 6, runs: 50 }), await search({ seed: 6, runs: 50 })];
  expect(other.counts).toEqual(one.counts);
});

test("on several threads the same histories happen as on one", async () => {
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

describe("histories that once broke a promise keep it now:", () => {
  test("who takes over may not free the key, although its handler rejects the request", async () => {
    const plan = planOf({
      service: { work: "bank" },
      requests: [
        { ...PAYS, fortune: "breaks" },
        { ...PAYS, fortune: "rejects" },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(/request 2: CLAIM is carried out.*request 2: RELEASE/s);
  });

  test("who has its claim back by a late copy of it does not free what another one began", async () => {
    const plan = planOf({
      service: { work: "bank" },
      skewsMs: [0, 300_000],
      requests: [
        { ...PAYS, fortune: "throws 404" },
        { ...PAYS, environment: 1, fortune: "breaks" },
      ],
      turns: [
        { at: 1, what: "fault", which: 10 },
        { at: 4, what: "hold", which: 20 },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(
      /request 2: the bank pays.*late copy of request 1.*request 1: FREE gets Conditional/s,
    );
  });

  const STEPS: Partial<Service> = { profile: "orzcash", work: "steps" };

  test("the completer does not begin what was refused, and freed, under its eyes", async () => {
    const plan = planOf({
      service: STEPS,
      skewsMs: [-300_000, 0],
      requests: [{ ...PAYS, fortune: "rejects" }],
      turns: [
        { at: 10, what: "completer", which: 0 },
        { at: 1, what: "completer", which: 0 },
        { at: 3, what: "hold", which: 0 },
      ],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(
      /the completer: READ is.*request 1: FREE is.*completer's call 1: CLAIM gets Conditional/s,
    );
  });

  test("a step that throws a 404 has begun, and frees no key", async () => {
    const plan = planOf({
      service: STEPS,
      requests: [{ ...PAYS, amount: 20, fortune: "has a step that throws 404" }, PAYS],
    });
    const story: string[] = [];
    expect(await play(plan, { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(/request 1: RELEASE.*request 2 is answered: 4.*mismatch/s);
  });

  test.each(["takes no notice", "does not wait"] as const)(
    "a step whose commit is lost is no step, where its handler %s",
    async (fortune) => {
      const plan = planOf({
        service: STEPS,
        requests: [{ ...PAYS, fortune }],
        turns: [{ at: 4, what: "fault", which: 3 }],
      });
      const story: string[] = [];
      expect(await play(plan, { story })).toBeUndefined();
      expect(story.join("\n")).toMatch(
        /CHECKPOINT and the payment is lost.*request 1 is answered: 503/s,
      );
    },
  );
});

test("what goes on after an answer is its own request's, and nobody else's", async () => {
  const plan = planOf({
    service: { profile: "orzcash", face: "middleware" },
    requests: [{ ...PAYS, fortune: "does not wait" }, PAYS],
    turns: [
      { at: 5, what: "hold", which: 5 },
      { at: 0, what: "completer", which: 7 },
      { at: 1, what: "stall", which: 0 },
    ],
  });
  const story: string[] = [];
  expect(await play(plan, { story })).toBeUndefined();
  expect(story.join("\n")).toMatch(
    /request 1 would be answered.*request 1: transaction.*request 2: transaction/s,
  );
});

describe("the command line", () => {
  test("has defaults, and takes everything that finds a history again", () => {
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
