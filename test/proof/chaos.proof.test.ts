import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runChaos } from "../../proof/chaos/chaos.ts";
import { INVISIBLE, searchForViolation, VISIBLE_FAULTS } from "../../proof/chaos/planted.ts";
import { type ChaosStage, openChaosStage } from "../../proof/chaos/stage.ts";
import { tellStory } from "../../proof/chaos/story.ts";
import { PLANTED_FAULTS } from "../../proof/kit/planted-faults.ts";

let stage: ChaosStage;

beforeAll(async () => {
  stage = await openChaosStage();
}, 90_000);

afterAll(() => stage?.close());

const seed = randomInt(2 ** 31);

test.each(VISIBLE_FAULTS)(
  "a service with %s breaks a promise, and the checker finds it",
  async (fault) => {
    const { found } = await searchForViolation(stage, fault, { seed: 1, limitSeconds: 60 });
    expect(found).toBeDefined();
  },
  90_000,
);

// After the other tests, when the functions are warm.
test(`each key keeps its promises under all faults (seed ${seed})`, async () => {
  const { violations, diary, ...counts } = await runChaos(stage, { seed, seconds: 5 });
  expect(violations.map((one) => tellStory(one, diary))).toEqual([]);
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

test("each fault that cannot show has a reason", () => {
  expect(Object.keys(INVISIBLE)).toEqual(
    PLANTED_FAULTS.filter((fault) => !VISIBLE_FAULTS.includes(fault)),
  );
});
