import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isRuntimeClientBuilt } from "./functions/runner.ts";

/**
 * Builds AWS's runtime client in a folder of its own. As an optional dependency of the repository,
 * npm on Node 20 would skip it silently, because it requires Node 22 (which the scripts have). The
 * in-process runner stands in for it, less faithfully, so a failed build is reported and is no error.
 */
function install(): void {
  if (isRuntimeClientBuilt()) return;
  console.log("Building AWS's runtime client for Lambda, once; this takes about a minute …");
  const startedMs = Date.now();
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--engine-strict=false"], {
    cwd: fileURLToPath(new URL("runtime", import.meta.url)),
    env: environmentForNpm(),
    encoding: "utf8",
    // This npm ci runs inside another npm ci, and its output would look like the outer command's.
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (isRuntimeClientBuilt()) {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    console.log(`AWS's runtime client is built (${seconds} s).`);
    return;
  }
  console.log(
    `AWS's runtime client could not be built (${findReason(npm.error, npm.stderr)}); ` +
      "functions will run in the in-process runner.",
  );
}

/** The environment without the settings of the npm that runs this script: they are another package's. */
function environmentForNpm(): NodeJS.ProcessEnv {
  const inherited = /^npm_(package|lifecycle|command|config_(local_prefix|workspace|omit|include))/;
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  return Object.fromEntries(kept);
}

/** The line of npm's output that explains most. */
function findReason(error: Error | undefined, stderr: string | null): string {
  if (error) return `npm did not start: ${error.message}`;
  const lines = (stderr ?? "").split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, ""));
  const telling = lines.find((line) => /not found|No such file|ENOTFOUND|ECONN|error:/i.test(line));
  return (telling ?? lines.find((line) => line.trim() !== "") ?? "npm gave no reason").trim();
}

install();
