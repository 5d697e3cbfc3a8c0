import { randomUUID } from "node:crypto";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { figureOf } from "../measuring/figure.ts";
import { progress } from "../print/progress.ts";
import { eventOf } from "../requests/event.ts";
import { FRESH_OUTSIDE, type Path, REPLAY_1KB } from "../requests/paths.ts";
import { type Stage, stage } from "../requests/stage.ts";
import { median } from "../statistics/quantile.ts";
import { randomOf, shuffled } from "../statistics/random.ts";
import { besideBare, GROWING, type Point } from "./arms.ts";

const AT_ONCE = [1, 2, 4, 8, 16];
const REQUESTS = 320;
const RUNS = 5;

/** Measures requests while so many others run in the same process, through the same handler. */
export async function measureByConcurrency(
  engine: EngineUnderTest,
  seed: number,
): Promise<Point[]> {
  const random = randomOf(seed);
  const cases = AT_ONCE.flatMap((at) =>
    [FRESH_OUTSIDE, REPLAY_1KB].flatMap((path) =>
      GROWING.map((arm) => ({
        line: arm.name,
        path,
        at,
        staged: stage(arm, path, engine.endpoint, engine.tables),
        runs: [] as number[][],
        cpuMs: [] as number[],
      })),
    ),
  );
  for (let run = 1; run <= RUNS; run += 1) {
    progress(`invocations at once: run ${run} of ${RUNS}`);
    for (const { staged, path, at, runs, cpuMs } of shuffled(cases, random)) {
      const before = process.cpuUsage();
      const milliseconds = await timeAtOnce(staged, path, at);
      const { user, system } = process.cpuUsage(before);
      runs.push(milliseconds);
      cpuMs.push((user + system) / 1000 / milliseconds.length);
    }
  }
  const points = cases.map(({ line, path, at, runs, cpuMs }) => {
    const { fastMs, medianMs, p99Ms } = figureOf(runs);
    return { line, path: path.name, at, fastMs, medianMs, p99Ms, cpuMs: median(cpuMs) };
  });
  for (const { staged } of cases) await staged.close();
  return besideBare(points);
}

/** Milliseconds of each request, while so many were on their way at every moment. */
async function timeAtOnce(staged: Stage, path: Path, atOnce: number): Promise<number[]> {
  const known = eventOf(randomUUID());
  await staged.send(known);
  const milliseconds: number[] = [];
  async function invocation(): Promise<void> {
    for (let sent = 0; sent < REQUESTS / atOnce; sent += 1) {
      const event = path.expected === "replayed" ? known : eventOf(randomUUID());
      const startMs = performance.now();
      await staged.send(event);
      milliseconds.push(performance.now() - startMs);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, invocation));
  return milliseconds;
}
