import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runChaos } from "../../proof/chaos/chaos.ts";
import { INVISIBLE, searchFor, VISIBLE_FAULTS } from "../../proof/chaos/planted.ts";
import { openStage, type Stage } from "../../proof/chaos/stage.ts";
import { storyOf } from "../../proof/chaos/story.ts";
import { PLANTED_FAULTS } from "../../proof/kit/planted-faults.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 90_000);

afterAll(() => stage?.close());

const seed = randomInt(2 ** 31);

test.each(VISIBLE_FAULTS)(
  "a service with %s breaks a promise, and the checker sees it",
  async (fault) => {
    const { found } = await searchFor(stage, fault, { seed: 1, limitSeconds: 60 });
    expect(found).toBeDefined();
  },
  90_000,
);

// After the others, when the functions are warm.
test(`whatever goes wrong, each key keeps its promises (seed ${seed})`, async () => {
  const { violations, diary, ...counts } = await runChaos(stage, { seed, seconds: 5 });
  expect(violations.map((one) => storyOf(one, diary))).toEqual([]);
  expect(counts).toEqual({
    keys: expect.any(Number),
    requests: expect.any(Number),
    kills: expect.any(Number),
    stops: expect.any(Number),
    faults: expect.any(Number),
  });
  expect(counts.keys).toBeGreaterThan(0);
  expect(counts.faults).toBeGreaterThan(0);
}, 60_000);

test("of a fault that cannot show, it is said why", () => {
  expect(Object.keys(INVISIBLE)).toEqual(
    PLANTED_FAULTS.filter((fault) => !VISIBLE_FAULTS.includes(fault)),
  );
});
