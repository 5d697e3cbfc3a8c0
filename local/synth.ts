import { fileURLToPath } from "node:url";
import { spawnGuarded } from "./process/guarded-process.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the cloud assembly of this repository goes. */
export const ASSEMBLY_FOLDER = fileURLToPath(new URL("../.local/cdk.out", import.meta.url));

/**
 * Synthesizes this repository's CDK app, offline. The app writes the assembly itself: the CDK CLI
 * would do no more here, and take longer.
 *
 * @returns the folder of the cloud assembly.
 * @throws when the app fails, with what it wrote.
 */
export async function synthesize(): Promise<string> {
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
