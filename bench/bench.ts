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
  --quick   fewer requests, in less than a minute (otherwise about five)
  --seed N  decides the order (default 1)
  --json    print one object, with the named ratios`;

const PLANS: Record<"quick" | "full", Record<"loopback" | "far" | "stubbed", Plan>> = {
  quick: {
    stubbed: { runs: 3, requests: 12, warmUps: 5, budgetMs: 17_000 },
    far: { runs: 3, requests: 4, warmUps: 0, budgetMs: 11_000 },
    loopback: { runs: 3, requests: 8, warmUps: 0, budgetMs: 4_000 },
  },
  full: {
    stubbed: { runs: 7, requests: 20, warmUps: 10, budgetMs: 120_000 },
    far: { runs: 5, requests: 10, warmUps: 1, budgetMs: 90_000 },
    loopback: { runs: 5, requests: 20, warmUps: 2, budgetMs: 60_000 },
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
  const results = { engine: engine.name, seed, quick: options.quick, ratios, rows, wire, refusals };
  console.log(options.json ? JSON.stringify(asObject(results), null, 2) : asText(results));
} finally {
  await engine.close();
}

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
