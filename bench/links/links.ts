import type { Arm } from "../arms/arm.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { computeFigure, type Figure } from "../measuring/figure.ts";
import { type MeasuringPlan, measureInRounds } from "../measuring/rounds.ts";
import type { Meter, Timed } from "../measuring/time-block.ts";
import { progress } from "../print/progress.ts";
import type { BenchPath } from "../requests/paths.ts";
import { type StagedArm, stageArm } from "../requests/stage.ts";
import { scriptWire } from "./scripted-wire.ts";
import { startSlowProxy } from "./slow-proxy.ts";

/** The link between the handlers and the engine. */
export type LinkName = "loopback" | "5 ms" | "stubbed";

/** The figures of one arm on one path. */
export interface Row extends Figure {
  readonly link: LinkName;
  readonly path: string;
  readonly arm: string;
}

/** The pairs of arm and path to measure on a link, with the plan. */
export interface Scope {
  readonly chosen: readonly { readonly arm: Arm; readonly path: BenchPath }[];
  readonly plan: MeasuringPlan;
  /** Decides the order. */
  readonly seed: number;
}

const ADDED_MS = 5;

/** The arms whose requests are also measured alone. */
const WITH_REQUESTS = ["Powertools: Middy", "ours: Middy"];

/** Measures on the engine as it is: the emulator and this machine decide. */
export function measureLoopback(engine: EngineUnderTest, scope: Scope): Promise<Row[]> {
  return measureOn("loopback", engine.endpoint, engine, scope);
}

/** Measures with 5 ms added to each round trip, so that the round trips decide. */
export async function measureFar(engine: EngineUnderTest, scope: Scope): Promise<Row[]> {
  const proxy = await startSlowProxy(engine.endpoint, ADDED_MS);
  try {
    return await measureOn("5 ms", proxy.endpoint, engine, scope);
  } finally {
    await proxy.close();
  }
}

async function measureOn(
  link: LinkName,
  endpoint: string,
  { tables }: EngineUnderTest,
  scope: Scope,
): Promise<Row[]> {
  const cases = await stageAll(link, scope, (arm, path) => stageArm(arm, path, endpoint, tables));
  return measure(link, cases, scope, "wall");
}

/**
 * Measures the CPU time of this process, with the engine's recorded answers in place of the wire. Some
 * arms get a second arm beside them: the very requests of the arm, sent by the bare SDK.
 */
export async function measureStubbed(engine: EngineUnderTest, scope: Scope): Promise<Row[]> {
  const staged = await stageAll("stubbed", scope, (arm, path) =>
    stageArm(arm, path, engine.endpoint, engine.tables),
  );
  const cases: StagedCase[] = [];
  for (const one of staged) {
    await one.prepare();
    // The cache and the bare handler send nothing over the wire.
    const wire = scriptWire(one.client);
    await wire.record(one.request);
    const stubbed = { ...one, prepare: async () => wire.rewind() };
    cases.push(stubbed);
    if (!WITH_REQUESTS.includes(one.arm) || wire.requests() === 0) continue;
    cases.push({ ...stubbed, arm: nameRequests(one.arm), request: () => wire.resend() });
  }
  return measure("stubbed", cases, scope, "cpu");
}

type StagedCase = Timed &
  Pick<StagedArm, "client" | "close"> & { readonly arm: string; readonly path: BenchPath };

/** The name of the arm that sends the requests of this arm, and does nothing else. */
export function nameRequests(arm: string): string {
  return `the requests of ${arm}`;
}

/** The chosen arms on the chosen paths, each checked to reach its expected outcome. */
async function stageAll(
  link: LinkName,
  { chosen }: Scope,
  stageOne: (arm: Arm, path: BenchPath) => StagedArm,
): Promise<StagedCase[]> {
  const cases: StagedCase[] = [];
  for (const { arm, path } of chosen) {
    progress(`${link}: checking ${path.name}, ${arm.name}`);
    const staged = stageOne(arm, path);
    await staged.check();
    cases.push({ ...staged, arm: arm.name, path });
  }
  return cases;
}

async function measure(
  link: LinkName,
  cases: StagedCase[],
  { plan, seed }: Scope,
  meter: Meter,
): Promise<Row[]> {
  const samples = await measureInRounds(link, cases, plan, meter, seed);
  for (const { close } of cases) await close();
  return [...samples].map(([{ arm, path }, one]) => ({
    link,
    path: path.name,
    arm,
    ...computeFigure(one),
  }));
}
