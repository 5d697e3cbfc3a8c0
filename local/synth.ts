import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnGuarded } from "./process/guarded-process.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the cloud assemblies of this repository go. */
const ASSEMBLIES = fileURLToPath(new URL("../.local/cdk.out", import.meta.url));

/** The assembly of this process: two that synthesize at once must not write into one folder. */
const ASSEMBLY_FOLDER = join(ASSEMBLIES, String(process.pid));

/**
 * Synthesizes this repository's CDK app, offline. The app writes the assembly itself: the CDK CLI
 * would do no more here, and take longer.
 *
 * @returns the folder of the cloud assembly.
 * @throws when the app fails, with what it wrote.
 */
export async function synthesize(): Promise<string> {
  mkdirSync(ASSEMBLIES, { recursive: true });
  for (const name of readdirSync(ASSEMBLIES)) if (!isRunning(name)) remove(join(ASSEMBLIES, name));
  process.once("exit", () => remove(ASSEMBLY_FOLDER));
  const output: string[] = [];
  const app = await spawnGuarded(process.execPath, ["bin/app.ts"], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: ASSEMBLY_FOLDER, CDK_DISABLE_CLI_TELEMETRY: "true" },
    onLine: (line) => output.push(line),
  });
  const { code, signal } = await app.exited;
  if (code === 0) return ASSEMBLY_FOLDER;
  throw new Error(
    [`The CDK app bin/app.ts ended with ${signal ?? `exit status ${code}`}:`, ...output].join("\n"),
  );
}

/** Whether the process that a folder is named after is there; a folder of any other name is none's. */
function isRunning(name: string): boolean {
  try {
    return process.kill(Number(name), 0);
  } catch {
    return false;
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
