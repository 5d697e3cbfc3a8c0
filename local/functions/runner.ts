import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What runs the functions: AWS's own runtime client, or our small one where that is not built. */
export type RunnerName = "aws-lambda-ric" | "in-process";

export type Runner = {
  name: RunnerName;
  /** The module that a function's process starts with. */
  entry: string;
};

const runtimeFolder = new URL("../runtime/", import.meta.url);
const clientFolder = new URL("node_modules/aws-lambda-ric/", runtimeFolder);

/**
 * Picks the runner: AWS's runtime client if it is built, else the in-process runner.
 *
 * @throws when the forced runner is not there.
 */
export function chooseRunner(forced?: RunnerName): Runner {
  const name = forced ?? (isRuntimeClientBuilt() ? "aws-lambda-ric" : "in-process");
  if (name === "in-process")
    return { name, entry: pathOf("in-process-runtime.ts", import.meta.url) };
  if (isRuntimeClientBuilt()) return { name, entry: pathOf("index.mjs", clientFolder) };
  throw new Error(
    "AWS's runtime client (aws-lambda-ric) is not built. Run `node local/install.ts`; it needs cmake, make and g++.",
  );
}

/** Whether AWS's runtime client is there, built, and of the version that is asked for. */
export function isRuntimeClientBuilt(): boolean {
  if (!existsSync(new URL("rapid-client.node", clientFolder))) return false;
  const wanted = readJson(new URL("package.json", runtimeFolder)).dependencies["aws-lambda-ric"];
  return readJson(new URL("package.json", clientFolder)).version === wanted;
}

function readJson(file: URL) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function pathOf(file: string, base: string | URL): string {
  return fileURLToPath(new URL(file, base));
}
