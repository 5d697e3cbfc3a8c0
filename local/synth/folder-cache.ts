import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A process that takes longer to make a folder is no longer waited for. */
const LONGEST_WAIT_MS = 120_000;
const POLL_MS = 100;

/**
 * Makes a folder once for each key, however many processes ask for it at the same time. The folder
 * appears complete, by a rename, or not at all. A new key removes the folders of all other keys: copy
 * what has to stay.
 *
 * @param cache the folder of the cache. It holds `<key>`, and `<key>.<pid>.<id>` while that is made.
 * @param make fills an empty folder; `false` = the content does not belong to the key after all.
 * @returns the path of the folder, whose content must not be changed; `undefined` if it was not kept.
 * @throws what `make` throws; nothing is kept then.
 */
export async function cachedFolder(
  cache: string,
  key: string,
  make: (folder: string) => Promise<boolean>,
): Promise<string | undefined> {
  const made = join(cache, key);
  mkdirSync(cache, { recursive: true });
  const giveUpAtMs = Date.now() + LONGEST_WAIT_MS;
  while (!existsSync(made) && isBeingMade(cache, key) && Date.now() < giveUpAtMs) {
    await delay(POLL_MS);
  }
  if (existsSync(made)) return made;

  const folder = join(cache, `${key}.${process.pid}.${randomUUID()}`);
  mkdirSync(folder);
  try {
    if (!(await make(folder))) return undefined;
    publish(folder, made);
  } finally {
    remove(folder);
  }
  for (const name of readdirSync(cache)) {
    if (name !== key && !isRunning(makerOf(name))) withdraw(cache, name);
  }
  return made;
}

/** Whether the process with this id is running. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function isBeingMade(cache: string, key: string): boolean {
  return readdirSync(cache).some((name) => name.startsWith(`${key}.`) && isRunning(makerOf(name)));
}

/** The process that makes an unfinished folder; of a finished one there is none. */
function makerOf(name: string): number {
  return Number(name.split(".")[1]);
}

function publish(folder: string, made: string): void {
  try {
    renameSync(folder, made);
  } catch (error) {
    // Another process made the same at the same time.
    if (!existsSync(made)) throw error;
  }
}

/** Removes a folder under another name: under its own, it is complete or absent. */
function withdraw(cache: string, name: string): void {
  const withdrawn = join(cache, `withdrawn.${process.pid}.${randomUUID()}`);
  try {
    renameSync(join(cache, name), withdrawn);
  } catch {
    // Another process was faster.
  }
  remove(withdrawn);
}
