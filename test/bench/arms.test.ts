import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ARMS } from "../../bench/arms/arms.ts";
import { scriptWire } from "../../bench/links/scripted-wire.ts";
import {
  type EngineUnderTest,
  startEngineUnderTest,
} from "../../bench/measuring/engine-under-test.ts";
import { canTake, FRESH_OUTSIDE, PATHS } from "../../bench/requests/paths.ts";
import { countExecutions } from "../../bench/requests/refusals.ts";
import { stageArm } from "../../bench/requests/stage.ts";

let engine: EngineUnderTest;

beforeAll(async () => {
  engine = await startEngineUnderTest();
});
afterAll(() => engine.close());

const stageOn = (arm: (typeof ARMS)[number], path: (typeof PATHS)[number]) =>
  stageArm(arm, path, engine.endpoint, engine.tables);

test.each(PATHS)("every arm that is measured on the path $name takes that path", async (path) => {
  for (const arm of ARMS.filter((one) => canTake(one, path))) {
    const staged = stageOn(arm, path);
    await staged.check();
    await staged.check();
    await staged.close();
  }
});

test("an arm with another outcome than its path expects is not measured", async () => {
  const [bareHandler] = ARMS;
  const replay = PATHS.find(({ before }) => before === "completed");
  if (bareHandler === undefined || replay === undefined) throw new Error("nothing to test");
  const staged = stageOn(bareHandler, replay);
  await expect(staged.check()).rejects.toThrow(/bare handler, replay.*the handler ran/);
  await staged.close();
});

test("a scripted wire gives the recorded answers, and the engine hears nothing", async () => {
  const arm = ARMS.find(({ name }) => name === "ours: Middy");
  if (arm === undefined) throw new Error("nothing to test");
  const staged = stageOn(arm, FRESH_OUTSIDE);
  await staged.prepare();
  const wire = scriptWire(staged.client);
  await wire.record(staged.request);
  expect(wire.requests()).toBe(2);
  // The key is used by now, and the engine would answer with the record.
  wire.rewind();
  expect(await staged.request()).toMatchObject({ statusCode: 201 });
  expect(await staged.request()).not.toHaveProperty("headers.Idempotent-Replayed");
  await staged.close();
});

test("a refusal lets no request execute again, except under Powertools' middleware, which deletes the record", async () => {
  const once = { repeatedInFlight: 1, repeatedAfterMismatch: 1 };
  expect(await countExecutions(engine)).toEqual([
    { arm: "Powertools: Middy", repeatedInFlight: 2, repeatedAfterMismatch: 2 },
    { arm: "Powertools: wrapper", ...once },
    { arm: "ours: Middy", ...once },
    { arm: "ours: wrapper", ...once },
  ]);
});
