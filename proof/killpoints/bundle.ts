import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { type AwaitSite, reportAwaits } from "./await-sites.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The functions as they are deployed, but every await reports. */
export interface Bundle {
  readonly folder: string;
  /** Every await of the core and of the sample. */
  readonly sites: readonly AwaitSite[];
  remove(): void;
}

/** The entry that runs the functions. */
export const RUNNER = "proof/killpoints/runner.ts";

const FUNCTIONS = [
  "lambda/**/{create,get}-*.ts",
  "lambda/transfers/make-transfers.ts",
  "lambda/auth/authorizer.ts",
  "lib/completer/handler.ts",
  "proof/killpoints/functions/*.ts",
];

/** The core, the sample's functions, and the planting code. No function imports the demo's holders. */
const REPORTING =
  /^(lib\/(?!cdk\/|sample\/|testing\/)|lambda\/(?!auth\/demo-holders)|proof\/killpoints\/planting)/;

/** Bundles all functions into a folder of its own, with every await reporting. */
export async function bundleFunctions(): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), "killpoints-"));
  await build({
    absWorkingDir: ROOT,
    entryPoints: [RUNNER, ...globSync(FUNCTIONS, { cwd: ROOT })],
    outdir: folder,
    outbase: ".",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    keepNames: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    logLevel: "error",
    plugins: [reporting],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return {
    folder,
    sites: allSites(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The bundle's file for the function of a source file. */
export function toBundlePath(folder: string, file: string): string {
  return join(folder, file.replace(/\.ts$/, ".mjs"));
}

const reporting: Plugin = {
  name: "reporting awaits",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const file = relative(ROOT, path);
      if (!REPORTING.test(file)) return undefined;
      return { contents: reportAwaits(file, readFileSync(path, "utf8")).code, loader: "ts" };
    });
  },
};

function allSites(): AwaitSite[] {
  const files = globSync("{lib,lambda}/**/*.ts", { cwd: ROOT }).sort();
  return files
    .filter((file) => REPORTING.test(file))
    .flatMap((file) => reportAwaits(file, readFileSync(join(ROOT, file), "utf8")).sites);
}
