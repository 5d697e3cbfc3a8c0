import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { computeFigure } from "../measuring/figure.ts";
import { measureInRounds } from "../measuring/rounds.ts";
import { FRESH_OUTSIDE, REPLAY_1KB } from "../requests/paths.ts";
import { stageArm } from "../requests/stage.ts";
import { compareWithBare, GROWING, type Point } from "./arms.ts";
import { fill } from "./fill.ts";

const PLAN = { runs: 5, requests: 20, warmUpMs: 3_000, measureMs: 10_000 };

/** Measures requests beside a growing number of unrelated records. */
export async function measureByRecords(
  engine: EngineUnderTest,
  counts: readonly number[],
  seed: number,
): Promise<Point[]> {
  const points: Omit<Point, "ofBare">[] = [];
  let stored = 0;
  for (const at of counts) {
    await fill(engine.direct, engine.tables.records, stored, at);
    stored = at;
    const cases = [FRESH_OUTSIDE, REPLAY_1KB].flatMap((path) =>
      GROWING.map((arm) => ({
        ...stageArm(arm, path, engine.endpoint, engine.tables),
        line: arm.name,
        path: path.name,
      })),
    );
    const samples = await measureInRounds(`beside ${at} records`, cases, PLAN, "wall", seed);
    for (const [{ line, path, close }, milliseconds] of samples) {
      const { fastMs, medianMs, p99Ms } = computeFigure(milliseconds);
      points.push({ line, path, at, fastMs, medianMs, p99Ms });
      await close();
    }
  }
  return compareWithBare(points);
}
