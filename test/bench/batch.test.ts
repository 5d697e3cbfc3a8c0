import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BATCH_ARMS } from "../../bench/batch/arms.ts";
import { batchRatio, measureBatches } from "../../bench/batch/measure.ts";
import { stageBatchArm } from "../../bench/batch/stage.ts";
import {
  type EngineUnderTest,
  startEngineUnderTest,
} from "../../bench/measuring/engine-under-test.ts";

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await startEngineUnderTest();
});
afterAll(() => engine.close());

test.each(BATCH_ARMS)(
  "$name processes each message of a batch once, also if it comes again",
  async (arm) => {
    const staged = stageBatchArm(arm, engine.endpoint, engine.tables);
    await staged.check();
    await staged.process();
    staged.close();
  },
);

test("an arm that repeats effects is not measured", async () => {
  const [arm] = BATCH_ARMS as [(typeof BATCH_ARMS)[0]];
  const careless: typeof arm = {
    ...arm,
    handler:
      ({ business }) =>
      async ({ Records }) => {
        for (const _ of Records) await business.effect();
        return { batchItemFailures: [] };
      },
  };
  const staged = stageBatchArm(careless, engine.endpoint, engine.tables);
  await expect(staged.check()).rejects.toThrow("20 effects of 10 messages");
  staged.close();
});

test("both arms are measured, and their ratio has a name", async () => {
  const plan = { runs: 1, requests: 1, warmUpMs: 0, measureMs: 0 };
  const rows = await measureBatches(engine, plan, 1, 10);
  expect(rows.map(({ arm }) => arm)).toEqual(BATCH_ARMS.map(({ name }) => name));
  const { name, value } = batchRatio(rows);
  expect(name).toBe("batch.vsPowertools");
  expect(value).toBeGreaterThan(0);
});
