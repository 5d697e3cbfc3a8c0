/**
 * `npm run build`: compiles `lib/` into `dist/`, and bundles the completer's function, which
 * `IdempotencyCompleter` deploys, into `dist/completer/`.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

rmSync("dist", { recursive: true, force: true });
run("node_modules/@typescript/native/bin/tsc", "-p", "tsconfig.build.json");
run("release/bundle-completer.ts", "dist/completer");

/** Ends the build when a program of it fails, which has written the reason. */
function run(program: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
