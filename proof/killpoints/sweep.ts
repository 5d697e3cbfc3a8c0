import { type EngineName, startEngine } from "../../local/engine.ts";
import type { PlantedFault } from "../kit/planted-faults.ts";
import type { AwaitSite } from "./await-sites.ts";
import { bundleFunctions } from "./bundle.ts";
import {
  type Kill,
  type KillViolation,
  listKills,
  readPassedPoints,
  shuffle,
  tryKill,
} from "./kill.ts";
import { type Lane, startLane } from "./lane.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";

export interface SweepOptions {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** @default the first engine that can start */
  readonly engine?: EngineName;
  /** The number of kills of each scenario. @default all */
  readonly sample?: number;
  /** The safeguard to remove; the sweep then ends with the first violation. */
  readonly without?: PlantedFault;
  /** Takes a line about the progress. */
  readonly report?: (line: string) => void;
}

/** The counts and violations of a sweep. */
export interface Sweep {
  readonly engine: string;
  readonly scenarios: readonly ScenarioCount[];
  readonly violations: readonly KillViolation[];
  /** The awaits that no attempt has reached. */
  readonly neverReached: readonly AwaitSite[];
  /** The number of all awaits, and of the reached ones. */
  readonly awaits: number;
  readonly reached: number;
}

export interface ScenarioCount {
  readonly scenario: Scenario;
  readonly points: number;
  readonly kills: number;
}

/** One lane for each core of a small machine. */
const LANES = 2;

/** Kills each scenario's attempt at every point, or at a sample of them, and judges each story. */
export async function sweep(options: SweepOptions): Promise<Sweep> {
  const { without, engine: wanted } = options;
  const bundle = await bundleFunctions();
  const engine = await startEngine(wanted ? { engine: wanted } : {});
  const started: Lane[] = [];
  const start = async (name: string, fault?: PlantedFault) => {
    const lane = await startLane(name, engine.endpoint, bundle, fault);
    started.push(lane);
    return lane;
  };
  try {
    const workers: Worker[] = [];
    for (let index = 0; index < LANES; index += 1) {
      const sound = await start(`sound-${index}`);
      const lane = without === undefined ? sound : await start(`lane-${index}`, without);
      workers.push({ sound, lane });
    }
    const plans = await inParallel(workers, options.scenarios, (one, scenario) =>
      planKills(one, scenario, options),
    );
    const reached = new Set(plans.flatMap(({ passed }) => passed.map(readSiteId)));
    return {
      engine: engine.name,
      ...(await carryOut(workers, plans, options)),
      awaits: bundle.sites.length,
      reached: bundle.sites.filter(({ id }) => reached.has(id)).length,
      neverReached: bundle.sites.filter(({ id }) => !reached.has(id)),
    };
  } finally {
    for (const lane of started) await lane.close();
    await engine.close();
    bundle.remove();
  }
}

interface Worker {
  /** The lane with all safeguards. */
  readonly sound: Lane;
  readonly lane: Lane;
}

/** The kills of one scenario. */
interface KillPlan {
  readonly scenario: Scenario;
  readonly points: number;
  readonly kills: readonly Kill[];
  readonly passed: readonly string[];
}

async function planKills(
  { sound, lane }: Worker,
  scenario: Scenario,
  { seed, sample, without }: SweepOptions,
): Promise<KillPlan> {
  const control = await play(sound, scenario);
  // Without the safeguard the code takes another path, and some scenarios cannot even be prepared.
  const played =
    without === undefined ? control : await play(lane, scenario).catch(() => undefined);
  if (played === undefined) return { scenario, points: 0, kills: [], passed: [] };
  const { attempt } = played;
  const all = listKills(scenario, attempt, control.story);
  const kills = sample === undefined ? all : shuffle(all, seed).slice(0, sample);
  return { scenario, points: all.length, kills, passed: readPassedPoints(attempt) };
}

async function carryOut(
  workers: readonly Worker[],
  plans: readonly KillPlan[],
  { seed, without, report = () => {} }: SweepOptions,
): Promise<Pick<Sweep, "scenarios" | "violations">> {
  const planned = plans.flatMap(({ kills }) => kills);
  const queue = without === undefined ? planned : shuffle(planned, seed);
  const violations: KillViolation[] = [];
  const done: Scenario[] = [];
  await inParallel(workers, queue, async ({ lane }, kill) => {
    if (without !== undefined && violations.length > 0) return;
    const violation = await tryKill(lane, kill);
    if (violation !== undefined) violations.push(violation);
    done.push(kill.scenario);
    if (done.length % 25 === 0) report(`${done.length} of ${queue.length}: ${kill.scenario.title}`);
  });
  const scenarios = plans.map(({ scenario, points }) => {
    return { scenario, points, kills: done.filter((one) => one === scenario).length };
  });
  return { scenarios, violations };
}

/** The id of the await that a point belongs to. */
function readSiteId(point: string): string {
  return /^\w+ ([^,]+)/.exec(point)?.[1] ?? "";
}

/** Gives each worker the next job when it has finished one. @returns the results in the jobs' order. */
async function inParallel<Job, Result>(
  workers: readonly Worker[],
  jobs: readonly Job[],
  run: (worker: Worker, job: Job) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = jobs.entries();
  await Promise.all(
    workers.map(async (worker) => {
      for (const [index, job] of queue) results[index] = await run(worker, job);
    }),
  );
  return results;
}
