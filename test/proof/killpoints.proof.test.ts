import { randomInt } from "node:crypto";
import { expect, test } from "@jest/globals";
import { SCENARIOS } from "../../proof/killpoints/scenarios.ts";
import { sweep } from "../../proof/killpoints/sweep.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../../proof/kit/planted-faults.ts";

const seed = randomInt(2 ** 31);

test(`a request that is killed at a point of its scenario ends as promised (seed ${seed})`, async () => {
  const swept = await sweep({ scenarios: SCENARIOS, seed, sample: 1 });
  expect(swept.violations).toEqual([]);
  expect(swept.neverReached).toEqual([]);
  expect(swept.scenarios.map(({ kills }) => kills)).toEqual(SCENARIOS.map(() => 1));
}, 180_000);

/**
 * The scenario in which each fault shows. No two executions overlap here, so each fault needs a request
 * that arrives late, or the second request of a split pair that never arrives.
 */
const SHOWS_IN: Record<PlantedFault, string> = {
  "no fence": "an item under a fence",
  "no owner check": "an item under a fence",
  "blind release": "payout: the bank fails first",
  "no fingerprint in the takeover": "a charge with another amount under its key",
  "effect split from completion": "a transfer, one transaction in all",
  "completion as an upsert": "a charge, claimed and committed",
};

test.each(PLANTED_FAULTS)(
  "with %s, 40 kills find a broken promise",
  async (without) => {
    const chosen = SCENARIOS.filter(({ title }) => title === SHOWS_IN[without]);
    const { violations, scenarios } = await sweep({ scenarios: chosen, seed: 1, without });
    expect(violations).not.toEqual([]);
    expect(scenarios.reduce((total, { kills }) => total + kills, 0)).toBeLessThanOrEqual(40);
  },
  90_000,
);
