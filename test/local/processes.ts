import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Polls until the condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  expectation: string,
  timeoutMs = 5_000,
) {
  const giveUpAtMs = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAtMs) throw new Error(`Not within ${timeoutMs} ms: ${expectation}`);
    await delay(5);
  }
}

/** The state of a process as one letter (`T`: stopped, `Z`: zombie); `undefined` once it is gone. */
export function processState(pid: number): string | undefined {
  return readStat(pid)?.state;
}

export function isAlive(pid: number): boolean {
  const state = processState(pid);
  return state !== undefined && state !== "Z";
}

/** All processes that a process has started, directly or indirectly. */
export function listDescendants(pid: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = pids.map(Number).filter((candidate) => readStat(candidate)?.parent === pid);
  return children.flatMap((child) => [child, ...listDescendants(child)]);
}

function readStat(pid: number): { state: string; parent: number } | undefined {
  try {
    const [, state = "", parent] =
      /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
