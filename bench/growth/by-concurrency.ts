import { randomUUID } from "node:crypto";
import { createRandom } from "../../proof/kit/random.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { computeFigure } from "../measuring/figure.ts";
import { progress } from "../print/progress.ts";
import { createEvent } from "../requests/event.ts";
import { type BenchPath, FRESH_OUTSIDE, REPLAY_1KB } from "../requests/paths.ts";
import { type StagedArm, stageArm } from "../requests/stage.ts";
import { median } from "../statistics/quantile.ts";
import { compareWithBare, GROWING, type Point } from "./arms.ts";

const AT_ONCE = [1, 2, 4, 8, 16];
const REQUESTS = 320;
const RUNS = 5;

/** Measures requests while others run in the same process, through the same handler. */
export async function measureByConcurrency(
  engine: EngineUnderTest,
  seed: number,
): Promise<Point[]> {
  const random = createRandom(seed);
  const cases = AT_ONCE.flatMap((at) =>
    [FRESH_OUTSIDE, REPLAY_1KB].flatMap((path) =>
      GROWING.map((arm) => ({
        line: arm.name,
        path,
        at,
        staged: stageArm(arm, path, engine.endpoint, engine.tables),
        runs: [] as number[][],
        cpuMs: [] as number[],
      })),
    ),
  );
  for (let run = 1; run <= RUNS; run += 1) {
    progress(`invocations at once: run ${run} of ${RUNS}`);
    for (const { staged, path, at, runs, cpuMs } of random.shuffle(cases)) {
      const before = process.cpuUsage();
      const milliseconds = await timeAtOnce(staged, path, at);
      const { user, system } = process.cpuUsage(before);
      runs.push(milliseconds);
      cpuMs.push((user + system) / 1000 / milliseconds.length);
    }
  }
  const points = cases.map(({ line, path, at, runs, cpuMs }) => {
    const { fastMs, medianMs, p99Ms } = computeFigure(runs);
    return { line, path: path.name, at, fastMs, medianMs, p99Ms, cpuMs: median(cpuMs) };
  });
  for (const { staged } of cases) await staged.close();
  return compareWithBare(points);
}

/** The milliseconds of each request, with this number of requests on their way at every moment. */
async function timeAtOnce(staged: StagedArm, path: BenchPath, atOnce: number): Promise<number[]> {
  const known = createEvent(randomUUID());
  await staged.send(known);
  const milliseconds: number[] = [];
  async function invocation(): Promise<void> {
    for (let sent = 0; sent < REQUESTS / atOnce; sent += 1) {
      const event = path.expected === "replayed" ? known : createEvent(randomUUID());
      const startMs = performance.now();
      await staged.send(event);
      milliseconds.push(performance.now() - startMs);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, invocation));
  return milliseconds;
}
