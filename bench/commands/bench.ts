import type { Arm } from "../arms/arm.ts";
import { ARMS } from "../arms/arms.ts";
import { batchRatio, measureBatches } from "../batch/measure.ts";
import { measureFar, measureLoopback, measureStubbed, type Scope } from "../links/links.ts";
import { startEngineUnderTest } from "../measuring/engine-under-test.ts";
import type { MeasuringPlan } from "../measuring/rounds.ts";
import { machineLine } from "../print/machine.ts";
import { progressDone } from "../print/progress.ts";
import { type NamedRatio, timeRatios } from "../print/ratios.ts";
import { type BenchResults, reportBench, withNamedRatios } from "../reports/bench.ts";
import { formatReport } from "../reports/report.ts";
import { type BenchPath, canTake, PATHS, REPLAY_10KB } from "../requests/paths.ts";
import { countExecutions } from "../requests/refusals.ts";
import { meterPaths, type WireRow } from "../wire/wire-of-paths.ts";
import { readCount, readOptions } from "./command-line.ts";

const USAGE = `npm run bench: the cost of a request, beside Powertools and the bare SDK.
  --quick   in less than a minute (otherwise about five): without wrappers, and responses of 100 KB
  --seed N  decides the order (default 1)
  --json    print one object, with the named ratios`;

// Short turns expose all arms to the same load of the machine; compiled code stays compiled between them.
const PLANS: Record<
  "quick" | "full",
  Record<"loopback" | "far" | "stubbed" | "batches", MeasuringPlan>
> = {
  quick: {
    stubbed: { runs: 3, requests: 10, warmUpMs: 7_000, measureMs: 13_000 },
    far: { runs: 3, requests: 2, warmUpMs: 0, measureMs: 8_000 },
    loopback: { runs: 3, requests: 4, warmUpMs: 0, measureMs: 3_000 },
    batches: { runs: 3, requests: 1, warmUpMs: 2_000, measureMs: 6_000 },
  },
  full: {
    stubbed: { runs: 5, requests: 10, warmUpMs: 40_000, measureMs: 120_000 },
    far: { runs: 5, requests: 4, warmUpMs: 5_000, measureMs: 80_000 },
    loopback: { runs: 5, requests: 10, warmUpMs: 5_000, measureMs: 50_000 },
    batches: { runs: 5, requests: 2, warmUpMs: 5_000, measureMs: 30_000 },
  },
};

const options = readOptions(
  {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    json: { type: "boolean" },
  },
  USAGE,
);
const seed = readCount("--seed", options.seed, USAGE);
const plans = PLANS[options.quick ? "quick" : "full"];
const scopes = {
  stubbed: createScope(plans.stubbed, options.quick ? onlyRatios : allPairs),
  far: createScope(plans.far, options.quick ? onlyMiddy : allPairs),
  loopback: createScope(plans.loopback, options.quick ? onlyMiddy : allPairs),
};

const engine = await startEngineUnderTest();
try {
  const refusals = await countExecutions(engine);
  const wire = await meterPaths(engine);
  const rows = [
    ...(await measureStubbed(engine, scopes.stubbed)),
    ...(await measureBatches(engine, plans.batches, seed)),
    ...(await measureFar(engine, scopes.far)),
    ...(await measureLoopback(engine, scopes.loopback)),
  ];
  progressDone();
  const ratios = [...timeRatios(rows), batchRatio(rows), unitRatio(wire)];
  const results: BenchResults = {
    machine: machineLine(),
    engine: engine.name,
    seed,
    quick: options.quick,
    ratios,
    rows,
    wire,
    refusals,
  };
  console.log(
    options.json
      ? JSON.stringify(withNamedRatios(results), null, 2)
      : formatReport(reportBench(results)),
  );
} finally {
  await engine.close();
}

type PairFilter = (arm: Arm, path: BenchPath) => boolean;

function createScope(plan: MeasuringPlan, choose: PairFilter): Scope {
  const pairs = PATHS.flatMap((path) => ARMS.map((arm) => ({ arm, path })));
  const chosen = pairs.filter(({ arm, path }) => canTake(arm, path) && choose(arm, path));
  return { chosen, plan, seed };
}

function allPairs(): boolean {
  return true;
}

function onlyMiddy(arm: Arm, path: BenchPath): boolean {
  return !arm.name.includes("wrapper") && path.answerBytes <= REPLAY_10KB.answerBytes;
}

/** Differences of CPU need many requests, so the quick benchmark measures only the named ratios. */
function onlyRatios(arm: Arm, path: BenchPath): boolean {
  const isNamed = path.effect === "outside" && path.expected !== "refused";
  return isNamed && arm.knows.outsideEffects && onlyMiddy(arm, path);
}

/** Counted and not timed, so the ratio is the same in every run. */
function unitRatio(wire: readonly WireRow[]): NamedRatio {
  const [ours = 0, powertools = 0] = ["ours: Middy", "Powertools: Middy"].map(
    (arm) => wire.find((row) => row.arm === arm && row.path === REPLAY_10KB.name)?.writeUnits,
  );
  const value = ours / powertools;
  return {
    name: "replay10KBUnits.vsPowertools",
    meaning: `write units of a replay of 10 KB (${ours} and ${powertools})`,
    atMost: 0.2,
    value,
    lowest: value,
    highest: value,
  };
}
