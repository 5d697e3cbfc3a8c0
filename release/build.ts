/**
 * `npm run build`: compiles `lib/` to ES modules in `dist/esm/`, turns each of them into a CommonJS module in
 * `dist/cjs/`, and bundles the completer's function, which `IdempotencyCompleter` deploys, into
 * `dist/completer/`.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ESM = "dist/esm";
const COMMONJS = "dist/cjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist", { recursive: true, force: true });
run("node_modules/@typescript/native/bin/tsc", "-p", "tsconfig.build.json");
toCommonJs(readdirSync(ESM, { recursive: true, encoding: "utf8" }));
run("release/bundle-completer.ts", "dist/completer");

/** Ends the build when a program of it fails, which has written the reason. */
function run(program: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

/**
 * File by file: the entry points share their modules, as in the other format. The types are the same
 * files; the package.json beside them says which format they describe.
 */
function toCommonJs(files: readonly string[]): void {
  buildSync({
    entryPoints: files.filter((file) => file.endsWith(".js")).map((file) => join(ESM, file)),
    outbase: ESM,
    outdir: COMMONJS,
    format: "cjs",
    platform: "node",
    target: "node22",
    // CommonJS has no other member of `import.meta`, and no await at the top: both end the build.
    define: {
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
    },
    logOverride: { "empty-import-meta": "error" },
    logLevel: "warning",
  });
  for (const file of files.filter((one) => one.endsWith(".d.ts"))) {
    cpSync(join(ESM, file), join(COMMONJS, file));
  }
  writeFileSync(join(COMMONJS, "package.json"), '{ "type": "commonjs" }\n');
}
