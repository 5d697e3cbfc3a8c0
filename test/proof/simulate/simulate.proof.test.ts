import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ALL_FAULTS, type AnyFault } from "../../../proof/kit/planted-faults.ts";
import { play } from "../../../proof/simulate/history.ts";
import { KNOWN_HISTORIES } from "../../../proof/simulate/known-histories.ts";
import { plans } from "../../../proof/simulate/plan.ts";
import { searchInParallel } from "../../../proof/simulate/pool.ts";
import { search } from "../../../proof/simulate/search.ts";

test("500 histories break no promise", async () => {
  const { runs, violation } = await search({ seed: 5, runs: 500 });
  expect(violation).toBeUndefined();
  expect(runs).toBe(500);
}, 60_000);

test("the histories reach every kind of observation", async () => {
  const { counts } = await search({ seed: 2, runs: 1_000 });
  for (const name of [
    ...["claimed", "completed", "replayed", "released", "freed", "fenced", "left", "stepped"],
    ...["payload_mismatch", "request_in_flight", "request_interrupted", "already_completed"],
    ...["claim_lost", "outcome_not_recorded", "store_unavailable", "outcome_unknown"],
    ...["key_freed", "notResumable"],
  ]) {
    expect({ name, count: counts[name] ?? 0 }).not.toEqual({ name, count: 0 });
  }
}, 60_000);

const FENCE = /has claimed with fence/;

describe("the search finds a broken promise:", () => {
  /** The promise that is broken first, and the most histories of the seed up to it. */
  const FOUND: Record<AnyFault, readonly [seed: number, runs: number, promise: RegExp]> = {
    "no fence": [14, 20, FENCE],
    "no owner check": [14, 20, /paid twice/],
    "blind release": [14, 200, /has taken the key|paid twice/],
    "no fingerprint in the takeover": [14, 200, /has taken the key/],
    "effect split from completion": [14, 50, /paid/],
    "completion as an upsert": [14, 50, /paid/],
    "a first claim takes freed records": [14, 2_000, /paid|was told|no final response|has begun/],
    "a first claim takes ended records": [14, 200, /was told of a response that had ended/],
    "a replacement names no record": [204, 200, /paid|has taken the key|has forgotten begun work/],
    "a replacement asks for owner and fence alone": [204, 20, /paid twice/],
    "a FREE asks for the owner alone": [204, 20, /paid twice/],
    "a claim after the handler takes freed records": [204, 20, /was refused by/],
    "a completer's claim begins work": [204, 20, /has begun a request after the end/],
    "a freed record ends at once": [203, 500, /was refused by|with fence/],
    "a refusal frees nothing": [203, 200, /was refused by|was told|no final response/],
    "a commit takes freed records": [206, 500, /paid|was refused by|with fence/],
    "a commit takes ended records": [205, 2_000, /paid|has taken the key|with fence/],
    "a commit takes lapsed claims": [206, 2_000, /paid|has taken over|has forgotten/],
    "a commit ignores the end": [201, 500, /paid after the end of its record/],
    "a restart takes over begun work": [206, 500, /has taken over begun work/],
    "begun work is not marked": [14, 200, /has taken over begun work/],
    "a takeover forgets the entity": [14, 200, /has taken over an entity's request/],
    "TTL deletes at the end": [205, 6_000, /paid/],
  };

  test.each(ALL_FAULTS)(
    "%s",
    async (without) => {
      const [seed, runs, promise] = FOUND[without];
      const { violation } = await search({ seed, runs, without });
      expect(violation?.text).toMatch(promise);
      expect(violation?.story.at(-1)).toContain(`BROKEN: ${violation?.text}`);
      expect(violation?.story.length).toBeLessThan(40);
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
  const parallel = await searchInParallel({ seed: 6, runs: 1_050 }, (runs) => progress.push(runs));
  const [first, second] = await Promise.all([
    search({ seed: 6, runs: 1_000 }),
    search({ seed: (6 + 0x9e3779b1) & 0x7fffffff, runs: 50 }),
  ]);
  expect(parallel.runs).toBe(1_050);
  expect(parallel.counts.claimed).toBe((first.counts.claimed ?? 0) + (second.counts.claimed ?? 0));
  expect(progress.at(-1)).toBe(1_050);
}, 60_000);

describe("a known history keeps every promise:", () => {
  type Name = keyof typeof KNOWN_HISTORIES;

  /** The events, in order, without which the history would prove nothing. */
  const EVENTS: Record<Name, RegExp> = {
    "a takeover does not free the key, even if its handler rejects the request":
      /request 2: CLAIM is carried out.*request 2: COMPLETE is/s,
    "an owner whose claim a late copy restores does not free a key under which another has acted":
      /request 2: the bank pays.*late copy of request 1.*request 1: FREE gets Conditional/s,
    "the completer does not release a request that was refused and freed after its read":
      /the completer: READ is.*request 1: FREE is.*the completer: RELEASE gets Conditional/s,
    "the completer does not begin a request whose record was deleted after its read":
      /the completer: READ is.*TTL deletes.*completer's call 1: CLAIM gets Conditional/s,
    "a step that throws a 404 has begun, so the refusal is recorded, and the key is not freed":
      /request 1: MARK.*request 1: COMPLETE.*request 2 gets the response 4.*mismatch/s,
    "a step whose commit is lost is not recorded, even if its handler ignores that":
      /CHECKPOINT and the payment is lost.*request 1 gets the response 503/s,
    "a step whose commit is lost is not recorded, even if its handler does not wait":
      /CHECKPOINT and the payment is lost.*request 1 gets the response 503/s,
    "a claim that was given up, and arrives after its FREE, does not lock the key":
      /request 1: FREE is carried out.*late copy.*request 1: CLAIM gets Conditional/s,
    "a claim that was given up does not free the key of the request before":
      /request 1: the bank pays.*request 2: CLAIM is refused.*request 2: FREE gets Conditional/s,
    "a process that thaws, and gives its claim up, frees the key with a fence above all others":
      /TTL deletes.*request 1: FREE gets Conditional.*request 1: FREE is carried out/s,
    "the completer finishes a request that was claimed after another was refused":
      /request 2: alice.*request 1 gets the response 422.*request 2: REPLACE is.*call 1: CLAIM is/s,
    "a commit that meets an ended record does not take the refusal that replaces it":
      /request 3: FREE is carried out.*request 2: CLAIM gets.*request 2 gets .* 503 key_freed/s,
    "a claim does not take the place of an ended record that its owner completes meanwhile":
      /request 2: CLAIM gets.*request 1: COMPLETE is.*request 2: REPLACE gets Conditional/s,
    "a completer's call does not take over begun work on a route that does not resume":
      /completer's call 1: CLAIM gets Conditional/,
    "a 404 that a client was told of begun work is not followed by the completer's payment":
      /request 1: COMPLETE is carried out.*request 1 gets the response 404/s,
    "a commit takes over a claim that was made under earlier rules":
      /request 1: RELEASE.*last request: CLAIM is carried out.*of COMPLETE and the payment is/s,
    "requests that a handler sends after its response belong to its own execution":
      /request 2: alice pays.*request 2: CLAIM.*request 1: transaction of COMPLETE/s,
  };

  test.each(Object.keys(EVENTS) as Name[])("%s", async (name) => {
    const story: string[] = [];
    expect(await play(KNOWN_HISTORIES[name], { story })).toBeUndefined();
    expect(story.join("\n")).toMatch(EVENTS[name]);
  });
});
