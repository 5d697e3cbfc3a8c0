import { countOf, readOptions } from "./command-line.ts";
import { startEngineUnderTest } from "./engine-under-test.ts";
import { measureFar, measureLoopback, measureStubbed } from "./links/links.ts";
import type { Plan } from "./measuring/rounds.ts";
import { REPLAY_10KB } from "./paths.ts";
import { progressDone } from "./print/progress.ts";
import { type NamedRatio, timeRatios } from "./ratios.ts";
import { countExecutions } from "./refusals.ts";
import { asObject, asText } from "./report.ts";
import { meterPaths, type WireRow } from "./wire-of-paths.ts";

const USAGE = `npm run bench: what a request costs, beside Powertools and the bare SDK.
  --quick   fewer requests, in less than a minute
  --seed N  decides the order (default 1)
  --json    print one object, with the named ratios`;

const PLANS: Record<"quick" | "full", Record<"loopback" | "far" | "stubbed", Plan>> = {
  quick: {
    loopback: { runs: 3, rounds: 1, requests: 12, warmUps: 1 },
    far: { runs: 3, rounds: 2, requests: 4, warmUps: 0 },
    stubbed: { runs: 3, rounds: 6, requests: 12, warmUps: 4 },
  },
  full: {
    loopback: { runs: 5, rounds: 4, requests: 25, warmUps: 2 },
    far: { runs: 5, rounds: 3, requests: 10, warmUps: 1 },
    stubbed: { runs: 7, rounds: 15, requests: 25, warmUps: 10 },
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
const seed = countOf("--seed", options.seed, USAGE);
const plans = PLANS[options.quick ? "quick" : "full"];

const engine = await startEngineUnderTest();
try {
  const refusals = await countExecutions(engine);
  const wire = await meterPaths(engine);
  const rows = [
    ...(await measureStubbed(engine, plans.stubbed, seed)),
    ...(await measureFar(engine, plans.far, seed)),
    ...(await measureLoopback(engine, plans.loopback, seed)),
  ];
  progressDone();
  const ratios = [...timeRatios(rows), unitRatio(wire)];
  const { name, ...results } = {
    ...engine,
    seed,
    quick: options.quick,
    ratios,
    rows,
    wire,
    refusals,
  };
  const all = { ...results, engine: name };
  console.log(options.json ? JSON.stringify(asObject(all), null, 2) : asText(all));
} finally {
  await engine.close();
}
// What was made to hang, in flight, would keep the process from ending.
process.exit();

/** Counted and not timed, so it is the same in every run. */
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
