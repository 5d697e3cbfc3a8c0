import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openHttpScenario } from "../../proof/chaos/http-scenario.ts";
import { INVISIBLE } from "../../proof/chaos/planted.ts";
import { INVISIBLE_TO_QUEUES } from "../../proof/chaos/queue/planted.ts";
import { openQueueScenario } from "../../proof/chaos/queue/scenario.ts";
import type { ChaosScenario } from "../../proof/chaos/scenario.ts";
import { searchForViolation } from "../../proof/chaos/search.ts";
import { PLANTED_FAULTS, type PlantedFault } from "../../proof/kit/planted-faults.ts";

const seed = randomInt(2 ** 31);

const listVisible = (invisible: Partial<Record<PlantedFault, string>>) =>
  PLANTED_FAULTS.filter((fault) => invisible[fault] === undefined);

describe.each([
  {
    name: "the sample over HTTP",
    open: () => openHttpScenario(),
    visible: listVisible(INVISIBLE),
    counted: ["keys", "requests", "kills", "stops", "faults"],
  },
  {
    name: "the consumers of queues",
    open: () => openQueueScenario("ours"),
    visible: listVisible(INVISIBLE_TO_QUEUES),
    counted: ["orders", "messages", "deliveries", "redriven", "deadLetters"].concat([
      "kills",
      "stops",
      "faults",
    ]),
  },
])("$name", ({ open, visible, counted }) => {
  let scenario: ChaosScenario;

  beforeAll(async () => {
    scenario = await open();
  }, 90_000);

  afterAll(() => scenario?.close());

  test.each(visible)(
    "with %s breaks a promise, and the checker finds it",
    async (fault) => {
      const { found } = await searchForViolation(scenario, fault, { seed: 1, limitSeconds: 60 });
      expect(found).toBeDefined();
    },
    120_000,
  );

  // After the other tests, when the functions are warm.
  test(`keeps every promise under all faults (seed ${seed})`, async () => {
    const { stories, counts } = await scenario.run({ seed, seconds: 5 });
    expect(stories).toEqual([]);
    expect(Object.keys(counts)).toEqual(counted);
    expect(counts[counted[0] as string]).toBeGreaterThan(0);
    expect(counts.faults).toBeGreaterThan(0);
  }, 90_000);
});

test("only the fence and the owner check cannot show", () => {
  expect(Object.keys(INVISIBLE)).toEqual(["no fence", "no owner check"]);
  expect(Object.keys(INVISIBLE_TO_QUEUES)).toEqual(["no fence", "no owner check"]);
});
