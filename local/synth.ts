import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnGuarded } from "./process/guarded-process.ts";
import { contentDigest } from "./synth/content-digest.ts";
import { cachedFolder, isRunning, remove } from "./synth/folder-cache.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Everything that the app reads, from the root of the repository. */
export const INPUTS = [
  "bin",
  "lambda",
  "lib",
  "release/bundle-completer.ts",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  // The packages that are really installed.
  "node_modules/.package-lock.json",
];

/** The assembly of the present sources, shared by all processes. */
const CACHE = join(ROOT, ".local/assemblies");

/** The assemblies in use: each process runs from a copy, which its sources no longer change. */
const COPIES = join(ROOT, ".local/cdk.out");

/**
 * Synthesizes this repository's CDK app, offline, unless that was done before for the same sources.
 * The app writes the assembly itself: the CDK CLI would do no more here, and take longer.
 *
 * @returns the folder of the cloud assembly; it stays until this process ends.
 * @throws when the app fails, with what it wrote.
 */
export async function synthesize(): Promise<string> {
  removeOldCopies();
  for (;;) {
    const key = digestOfInputs();
    const copy = join(COPIES, String(process.pid), key);
    if (existsSync(copy)) return copy;
    const assembly = await cachedFolder(CACHE, key, async (folder) => {
      await runApp(folder);
      // Sources that were edited meanwhile may be in it or not.
      return digestOfInputs() === key;
    });
    if (assembly !== undefined && copyFolder(assembly, copy)) return copy;
  }
}

function digestOfInputs(): string {
  return contentDigest(ROOT, INPUTS, [process.version, process.platform, process.arch]);
}

async function runApp(folder: string): Promise<void> {
  const output: string[] = [];
  const app = await spawnGuarded(process.execPath, [join(ROOT, "bin/app.ts")], {
    // The app must not depend on where it runs.
    cwd: tmpdir(),
    env: { ...withoutCdkVariables(), CDK_OUTDIR: folder, CDK_DISABLE_CLI_TELEMETRY: "true" },
    onLine: (line) => output.push(line),
  });
  const { code, signal } = await app.exited;
  if (code === 0) return;
  throw new Error(
    [`The CDK app bin/app.ts ended with ${signal ?? `exit status ${code}`}:`, ...output].join("\n"),
  );
}

/** A context or a debug switch for CDK would change the assembly, and is no part of its key. */
function withoutCdkVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("CDK_")),
  );
}

/** Copies a folder of the cache; `false` if another process may have removed it meanwhile. */
function copyFolder(from: string, to: string): boolean {
  const unfinished = `${to}.unfinished`;
  remove(unfinished);
  process.once("exit", () => remove(dirname(to)));
  try {
    cpSync(from, unfinished, { recursive: true });
  } catch (error) {
    if (existsSync(from)) throw error;
    return false;
  }
  if (!existsSync(from)) return false;
  renameSync(unfinished, to);
  return true;
}

function removeOldCopies(): void {
  mkdirSync(COPIES, { recursive: true });
  for (const name of readdirSync(COPIES)) {
    if (!isRunning(Number(name))) remove(join(COPIES, name));
  }
}
