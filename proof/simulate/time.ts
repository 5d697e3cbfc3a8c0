import type { Database } from "../../local/engine/in-memory/database.ts";
import type { Item } from "../../local/engine/in-memory/value.ts";
import type { Environment } from "./environment.ts";
import type { Judge } from "./judge.ts";
import type { Service } from "./plan.ts";
import { RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any response is kept, on any of the clocks. */
const DAY_MS = 27 * HOUR_MS;

/** Longer than clocks can differ, so that the next claim has a higher fence. */
const BEFORE_TTL_MS = 2 * HOUR_MS;

/** The parts of a simulation on which time has an effect. */
export interface SimulationStage {
  readonly service: Service;
  readonly world: World;
  readonly engine: Database;
  readonly judge: Judge;
  readonly environments: readonly Environment[];
}

/**
 * Lets time pass: longer than a lease, or longer than responses are kept, or until TTL deletes; or
 * lets a clock jump.
 *
 * A record ends only when no request of its owner is on its way, and with `claimAt: "commit"` only when no
 * execution is at work: the promises hold under this assumption.
 */
export function passTime(stage: SimulationStage, choice: number): void {
  const { service, world, environments } = stage;
  if (choice < LEASES_MS.length) {
    pass(world, LEASES_MS[choice] as number);
  } else if (choice < 16) {
    const number = choice % 2;
    const jumpMs = choice < 14 ? 6 * MINUTE_MS : -6 * MINUTE_MS;
    world.tell(() => `the clock of environment ${number + 1} jumps by ${jumpMs / 1000} s`);
    (environments[number] as Environment).skewMs += jumpMs;
  } else if (
    !world.isAnyRequestOnTheWay() &&
    (service.claimAt === "start" || !world.isAnyActorAtWork())
  ) {
    if (choice < 20) expire(stage);
    else deleteByTtl(stage);
  }
}

/** Mostly longer than a lease; half of them longer than the clocks' differences, too. */
const LEASES_MS = [
  ...[40_000, 40_000, 40_000, 40_000, 40_000, 12_000],
  ...[16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 12_000],
];

function expire({ world, engine, judge }: SimulationStage): void {
  pass(world, DAY_MS);
  for (const [id, item] of engine.items(RECORDS)) {
    if (isOver(item, world.now())) judge.expire(id);
  }
}

/** Deletes expired records. Deletes the others early, unless an environment may have cached them. */
function deleteByTtl({ service, world, engine, judge }: SimulationStage): void {
  pass(world, BEFORE_TTL_MS);
  for (const [id, item] of [...engine.items(RECORDS)]) {
    const isDeleted = service.remembers ? isOver(item, world.now()) : item.expiresAt !== undefined;
    if (!isDeleted) continue;
    world.tell(() => "TTL deletes a record");
    engine.remove(RECORDS, id);
    judge.expire(id);
  }
}

function isOver({ expiresAt }: Item, nowMs: number): boolean {
  return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= nowMs;
}

function pass(world: World, durationMs: number): void {
  world.pass(durationMs);
  world.tell(() => `${durationMs / 1000} s pass`);
}
