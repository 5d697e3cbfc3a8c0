import type { Row } from "../links/links.ts";
import { scriptWire } from "../links/scripted-wire.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { computeFigure, computeSpread } from "../measuring/figure.ts";
import { type MeasuringPlan, measureInRounds } from "../measuring/rounds.ts";
import { progress } from "../print/progress.ts";
import type { NamedRatio } from "../print/ratios.ts";
import { BATCH_ARMS, OUR_BATCH, POWERTOOLS_BATCH } from "./arms.ts";
import { BATCH_SIZE, stageBatchArm } from "./stage.ts";

const MESSAGES = 1_000;
const PATH = "1,000 messages, in batches of 10";

/** Measures the CPU time of 1,000 fresh messages, with the engine's recorded answers in place of the wire. */
export async function measureBatches(
  { endpoint, tables }: EngineUnderTest,
  plan: MeasuringPlan,
  seed: number,
  messages = MESSAGES,
): Promise<Row[]> {
  const staged = BATCH_ARMS.map((arm) => ({
    arm: arm.name,
    ...stageBatchArm(arm, endpoint, tables),
  }));
  const cases = [];
  for (const one of staged) {
    progress(`batches: checking ${one.arm}`);
    await one.check();
    const wire = scriptWire(one.client);
    await wire.record(one.process);
    cases.push({
      arm: one.arm,
      prepare: async () => wire.rewind(),
      async request() {
        for (let sent = 0; sent < messages; sent += BATCH_SIZE) await one.process();
      },
    });
  }
  const samples = await measureInRounds("batches", cases, plan, "cpu", seed);
  for (const { close } of staged) close();
  return [...samples].map(([{ arm }, times]) => ({
    link: "stubbed",
    path: PATH,
    arm,
    ...computeFigure(times),
  }));
}

/** Ours as a share of Powertools'. */
export function batchRatio(rows: readonly Row[]): NamedRatio {
  const figures = [OUR_BATCH, POWERTOOLS_BATCH].map((arm) => {
    const row = rows.find((one) => one.path === PATH && one.arm === arm);
    if (row === undefined) throw new Error(`${arm} was not measured.`);
    return row;
  });
  return {
    name: "batch.vsPowertools",
    meaning: "CPU of 1,000 fresh messages, the calls of the SDK included",
    atMost: 1,
    ...computeSpread(figures, (ours, powertools) => ours / powertools),
  };
}
