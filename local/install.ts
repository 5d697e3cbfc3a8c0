import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { isRuntimeClientBuilt } from "./functions/runner.ts";

/**
 * Builds AWS's runtime client, in a folder of its own: as an optional dependency of the repository,
 * npm on Node 20 would skip it in silence, because it asks for Node 22 (which the scripts do have).
 * Without it everything works but less faithfully, so a failure is said and is no error.
 */
function install(): void {
  if (isRuntimeClientBuilt()) return;
  console.log("Building AWS's runtime client for Lambda, once; this takes about a minute …");
  const startedMs = Date.now();
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--engine-strict=false"], {
    cwd: fileURLToPath(new URL("runtime", import.meta.url)),
    env: environmentForNpm(),
    encoding: "utf8",
    // npm ci runs inside npm ci: its output would look like that of the outer one.
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (isRuntimeClientBuilt()) {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    console.log(`AWS's runtime client is built (${seconds} s).`);
    return;
  }
  console.log(
    `AWS's runtime client could not be built (${reasonOf(npm.error, npm.stderr)}); ` +
      "functions will run in the in-process runner.",
  );
}

/** Without the settings of the npm that runs this script, which belong to another package. */
function environmentForNpm(): NodeJS.ProcessEnv {
  const inherited = /^npm_(package|lifecycle|command|config_(local_prefix|workspace|omit|include))/;
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  return Object.fromEntries(kept);
}

/** The line of npm's output that says most. */
function reasonOf(error: Error | undefined, stderr: string | null): string {
  if (error) return `npm did not start: ${error.message}`;
  const lines = (stderr ?? "").split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, ""));
  const telling = lines.find((line) => /not found|No such file|ENOTFOUND|ECONN|error:/i.test(line));
  return (telling ?? lines.find((line) => line.trim() !== "") ?? "npm gave no reason").trim();
}

install();
