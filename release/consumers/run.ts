/**
 * `npm run check:consumers`: packs the package, and uses it in projects that install it from npm's
 * registry, as users do. It needs the network, and some minutes. Names of projects run these alone.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Consumer } from "./consumer.ts";
import { CDK_INIT, TS_JEST } from "./jest.ts";
import { PEERS } from "./peers.ts";
import { createProject } from "./project.ts";
import { TYPES } from "./types.ts";

const CONSUMERS: readonly Consumer[] = [...PEERS, TYPES, CDK_INIT, TS_JEST];
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function main(names: readonly string[]): number {
  const known = CONSUMERS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no project ${unknown}. Known are ${known.join(", ")}.`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "lambda-idempotency-consumers-"));
  try {
    const tarball = pack(folder);
    const wanted = CONSUMERS.filter(({ name }) => names.length === 0 || names.includes(name));
    const failed = wanted.filter((consumer) => !passes(consumer, folder, tarball));
    for (const { name } of failed) console.error(`FAILED: ${name}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pack(folder: string): string {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const name = execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" }).trim();
  return join(folder, name);
}

function passes({ name, run }: Consumer, folder: string, tarball: string): boolean {
  const startedMs = performance.now();
  const report = (done: string) => console.log(`  ${done}`);
  console.log(name);
  try {
    run((manifest) => createProject(join(folder, name), tarball, manifest), report);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
  report(`${Math.round((performance.now() - startedMs) / 1000)} s`);
  return true;
}

process.exitCode = main(process.argv.slice(2));
