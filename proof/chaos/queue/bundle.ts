import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The consumers, each in a file of its own as they are deployed. */
export interface ConsumerBundle {
  readonly folder: string;
  close(): void;
}

/** Bundles the consumers into a folder of its own. */
export async function bundleConsumers(): Promise<ConsumerBundle> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-queue-"));
  await build({
    absWorkingDir: fileURLToPath(new URL("functions", import.meta.url)),
    entryPoints: ["ours.ts", "powertools.ts"],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    logLevel: "error",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}
