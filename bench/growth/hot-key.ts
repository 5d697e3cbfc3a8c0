import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineUnderTest } from "../measuring/engine-under-test.ts";
import { progress } from "../print/progress.ts";
import { createEvent } from "../requests/event.ts";
import { REPLAY_1KB, REPLAY_CACHED } from "../requests/paths.ts";
import { stageArm } from "../requests/stage.ts";
import { median, quantile } from "../statistics/quantile.ts";
import { GROWING } from "./arms.ts";

/** The figures of duplicates of one key that came at a fixed rate. */
export interface HotKey {
  readonly line: string;
  readonly duplicates: number;
  /** Duplicates answered in a second; less than the rate if this machine could not keep up. */
  readonly answeredPerSecond: number;
  /** From the time at which a duplicate was due, so that its wait for a turn counts. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** The CPU time of this process for one duplicate. */
  readonly cpuMs: number;
}

const RATE_PER_SECOND = 1_000;
const SECONDS = 5;
/** The sleep of the sender, which then sends all duplicates that are due. */
const TICK_MS = 2;

/** Sends duplicates of one key at a fixed rate, without waiting for earlier responses. */
export async function measureHotKey(engine: EngineUnderTest): Promise<HotKey[]> {
  const results: HotKey[] = [];
  for (const path of [REPLAY_1KB, REPLAY_CACHED]) {
    for (const arm of GROWING.filter(({ knows }) => !path.cached || knows.cache)) {
      const line = path.cached ? `${arm.name}, cache` : arm.name;
      progress(`one hot key: ${line}`);
      const staged = stageArm(arm, path, engine.endpoint, engine.tables);
      const event = createEvent(randomUUID());
      await staged.send(event);
      await sendAtRate(() => staged.send(event), 1);
      results.push({ line, ...(await sendAtRate(() => staged.send(event), SECONDS)) });
      await staged.close();
    }
  }
  return results;
}

async function sendAtRate(
  send: () => Promise<unknown>,
  seconds: number,
): Promise<Omit<HotKey, "line">> {
  const total = RATE_PER_SECOND * seconds;
  const milliseconds: number[] = [];
  const pending: Promise<void>[] = [];
  const startMs = performance.now();
  const before = process.cpuUsage();
  while (pending.length < total) {
    const due = Math.min(total, ((performance.now() - startMs) / 1000) * RATE_PER_SECOND);
    while (pending.length < due) {
      const dueMs = startMs + (pending.length / RATE_PER_SECOND) * 1000;
      pending.push(send().then(() => void milliseconds.push(performance.now() - dueMs)));
    }
    await delay(TICK_MS);
  }
  await Promise.all(pending);
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMs: (user + system) / 1000 / total,
    duplicates: total,
    answeredPerSecond: total / ((performance.now() - startMs) / 1000),
    medianMs: median(milliseconds),
    p99Ms: quantile(milliseconds, 0.99),
  };
}
