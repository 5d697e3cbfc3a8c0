import type { Item } from "../../lib/testing/engine/value.ts";
import type { SimulationStage } from "./stage.ts";
import { RECORDS } from "./tables.ts";

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any response is kept, on any of the clocks. */
const DAY_MS = 27 * HOUR_MS;

/** Shorter than a request takes that has to be sent several times. */
const SHORTLY_BEFORE_MS = 8_000;

/** Mostly longer than a lease; half of them longer than the clocks' differences, too. */
const LEASES_MS = [
  ...[40_000, 40_000, 40_000, 40_000, 12_000],
  ...[16 * MINUTE_MS, 16 * MINUTE_MS, 16 * MINUTE_MS],
];

/** Among the choices of a time: shortly before the first record ends, its end, and its deletion. */
export const AROUND_THE_END = { before: 13, end: 17, deletion: 20 } as const;

/**
 * Lets time pass: longer than a lease, longer than responses are kept, or until shortly before or after
 * the first record ends; lets TTL delete; or lets a clock jump. Nothing else waits meanwhile: an execution
 * that is at work is frozen, and a message on its way arrives afterwards, if its signature still holds.
 */
export function passTime(stage: SimulationStage, choice: number): void {
  const leaseMs = LEASES_MS[choice];
  if (leaseMs !== undefined) pass(stage, leaseMs);
  else if (choice < 11) jump(stage, choice);
  else if (choice < AROUND_THE_END.before) pass(stage, DAY_MS);
  else if (choice < AROUND_THE_END.end) {
    passUntil(stage, firstTime(stage, "endsAt") - SHORTLY_BEFORE_MS);
  } else if (choice < AROUND_THE_END.deletion) passUntil(stage, firstTime(stage, "endsAt"));
  else {
    if (choice < 22) passUntil(stage, firstTime(stage, "expiresAt"));
    deleteByTtl(stage);
  }
}

function jump(stage: SimulationStage, choice: number): void {
  const number = choice % 2;
  const jumpMs = choice < 10 ? 6 * MINUTE_MS : -6 * MINUTE_MS;
  stage.world.tell(() => `the clock of environment ${number + 1} jumps by ${jumpMs / 1000} s`);
  stage.environment(number).clock.jump(jumpMs);
}

/** TTL deletes a record once the time of its attribute has come. It may take days, and it may take none. */
function deleteByTtl({ world, engine, judge }: SimulationStage): void {
  for (const [id, item] of [...engine.items(RECORDS)]) {
    if (readMs(item, "expiresAt") > world.now()) continue;
    world.tell(() => "TTL deletes a record");
    engine.remove(RECORDS, id);
    judge.deleteRecord(id, item);
  }
}

/** The earliest time to come at which a record ends or may be deleted. */
function firstTime({ world, engine }: SimulationStage, name: string): number {
  const times = [...engine.items(RECORDS).values()].map((item) => readMs(item, name));
  return Math.min(...times.filter((time) => time > world.now()));
}

function readMs(item: Item, name: string): number {
  return Number(item[name]?.N ?? Number.POSITIVE_INFINITY) * 1_000;
}

function passUntil(stage: SimulationStage, timeMs: number): void {
  const durationMs = timeMs - stage.world.now();
  if (Number.isFinite(durationMs) && durationMs > 0) pass(stage, durationMs);
}

function pass({ world }: SimulationStage, durationMs: number): void {
  world.pass(durationMs);
  world.tell(() => `${durationMs / 1000} s pass`);
}
