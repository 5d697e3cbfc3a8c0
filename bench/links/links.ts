import type { Arm } from "../arms/arm.ts";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { type Figure, figureOf } from "../measuring/figure.ts";
import { measureInRounds, type Plan } from "../measuring/rounds.ts";
import type { Meter, Timed } from "../measuring/time-block.ts";
import { progress } from "../print/progress.ts";
import type { Path } from "../requests/paths.ts";
import { type Stage, stage } from "../requests/stage.ts";
import { scriptWire } from "./scripted-wire.ts";
import { startSlowProxy } from "./slow-proxy.ts";

/** What is between the handlers and the engine. */
export type LinkName = "loopback" | "5 ms" | "stubbed";

/** What one arm came to on one path. */
export interface Row extends Figure {
  readonly link: LinkName;
  readonly path: string;
  readonly arm: string;
}

/** What is measured on a link, and how much. */
export interface Scope {
  readonly chosen: readonly { readonly arm: Arm; readonly path: Path }[];
  readonly plan: Plan;
  /** Decides the order. */
  readonly seed: number;
}

const ADDED_MS = 5;

/** The arms beside which the requests that they send are measured by themselves. */
const WITH_REQUESTS = ["Powertools: Middy", "ours: Middy"];

/** Measures everything on the engine as it is: the emulator and this machine decide. */
export function measureLoopback(engine: EngineUnderTest, scope: Scope): Promise<Row[]> {
  return measureOn("loopback", engine.endpoint, engine, scope);
}

/** Measures everything with 5 ms added to each round trip, so that these decide. */
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
  const cases = await stageAll(link, scope, (arm, path) => stage(arm, path, endpoint, tables));
  return measure(link, cases, scope, "wall");
}

/**
 * Measures what this process computes, with the engine's recorded answers in place of the wire. For
 * each arm there is another: the very requests that it sends, sent by the bare SDK.
 */
export async function measureStubbed(engine: EngineUnderTest, scope: Scope): Promise<Row[]> {
  const staged = await stageAll("stubbed", scope, (arm, path) =>
    stage(arm, path, engine.endpoint, engine.tables),
  );
  const cases: Case[] = [];
  for (const one of staged) {
    await one.prepare();
    // Nothing goes over the wire from the cache, and from the bare handler.
    const wire = scriptWire(one.client);
    await wire.record(one.request);
    const stubbed = { ...one, prepare: async () => wire.rewind() };
    cases.push(stubbed);
    if (!WITH_REQUESTS.includes(one.arm) || wire.requests() === 0) continue;
    cases.push({ ...stubbed, arm: requestsOf(one.arm), request: () => wire.resend() });
  }
  return measure("stubbed", cases, scope, "cpu");
}

type Case = Timed & Pick<Stage, "client" | "close"> & { readonly arm: string; readonly path: Path };

/** The name of the arm that sends what this arm sends, and does nothing else. */
export function requestsOf(arm: string): string {
  return `the requests of ${arm}`;
}

/** The chosen arms on the chosen paths, checked to come to what they must. */
async function stageAll(
  link: LinkName,
  { chosen }: Scope,
  stageOne: (arm: Arm, path: Path) => Stage,
): Promise<Case[]> {
  const cases: Case[] = [];
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
  cases: Case[],
  { plan, seed }: Scope,
  meter: Meter,
): Promise<Row[]> {
  const samples = await measureInRounds(link, cases, plan, meter, seed);
  for (const { close } of cases) await close();
  return [...samples].map(([{ arm, path }, one]) => ({
    link,
    path: path.name,
    arm,
    ...figureOf(one),
  }));
}
