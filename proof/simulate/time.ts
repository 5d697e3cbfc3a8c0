import type { Database } from "../../local/engine/in-memory/database.ts";
import type { Item } from "../../local/engine/in-memory/value.ts";
import type { Environment } from "./environment.ts";
import type { Judge } from "./judge.ts";
import type { Service } from "./plan.ts";
import { RECORDS } from "./tables.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any answer is kept, whatever the clocks say. */
const DAY_MS = 27 * HOUR_MS;

/** Longer than clocks can differ, so that whoever claims next has a higher fence. */
const BEFORE_TTL_MS = 2 * HOUR_MS;

/** Everything on which time has an effect. */
export interface Stage {
  readonly service: Service;
  readonly world: World;
  readonly engine: Database;
  readonly judge: Judge;
  readonly environments: readonly Environment[];
}

/**
 * Lets time pass: more than a lease, a clock that jumps, more than answers are kept, or the moment
 * in which TTL deletes.
 *
 * A record ends only when nothing of its owner's is still on its way to it, and with `claimAt: "commit"` not
 * while anybody is at work: the promise is made under this assumption.
 */
export function passTime(stage: Stage, which: number): void {
  const { service, world, environments } = stage;
  if (which < LEASES_MS.length) {
    pass(world, LEASES_MS[which] as number);
  } else if (which < 16) {
    const number = which % 2;
    const jumpMs = which < 14 ? 6 * MINUTE_MS : -6 * MINUTE_MS;
    world.tell(() => `the clock of environment ${number + 1} jumps by ${jumpMs / 1000} s`);
    (environments[number] as Environment).skewMs += jumpMs;
  } else if (
    !world.isAnythingOnTheWay() &&
    (service.claimAt === "start" || !world.isAnybodyAtWork())
  ) {
    if (which < 20) expire(stage);
    else deleteByTtl(stage);
  }
}

/** Mostly longer than a lease, often longer than clocks differ, too. */
const LEASES_MS = [
  ...[40_000, 40_000, 40_000, 40_000, 40_000, 12_000],
  ...[16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS, 12_000],
];

function expire({ world, engine, judge }: Stage): void {
  pass(world, DAY_MS);
  for (const [id, item] of engine.items(RECORDS)) {
    if (isOver(item, world.now())) judge.expired(id);
  }
}

/** What has expired; and early what has not, unless an environment may remember it. */
function deleteByTtl({ service, world, engine, judge }: Stage): void {
  pass(world, BEFORE_TTL_MS);
  for (const [id, item] of [...engine.items(RECORDS)]) {
    const isDeleted = service.remembers ? isOver(item, world.now()) : item.expiresAt !== undefined;
    if (!isDeleted) continue;
    world.tell(() => "TTL deletes a record");
    engine.remove(RECORDS, id);
    judge.expired(id);
  }
}

function isOver({ expiresAt }: Item, nowMs: number): boolean {
  return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= nowMs;
}

function pass(world: World, durationMs: number): void {
  world.pass(durationMs);
  world.tell(() => `${durationMs / 1000} s pass`);
}
