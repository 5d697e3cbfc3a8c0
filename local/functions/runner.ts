import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The runtime of the functions: AWS's own runtime client, or our small one if that is not built. */
export type RunnerName = "aws-lambda-ric" | "in-process";

export type Runner = {
  name: RunnerName;
  /** The first module of a function's process. */
  entry: string;
};

const runtimeFolder = new URL("../runtime/", import.meta.url);
const clientFolder = new URL("node_modules/aws-lambda-ric/", runtimeFolder);

/**
 * Picks the runner: AWS's runtime client if it is built, else the in-process runner.
 *
 * @throws if AWS's runtime client is forced and not built.
 */
export function chooseRunner(forced?: RunnerName): Runner {
  const name = forced ?? (isRuntimeClientBuilt() ? "aws-lambda-ric" : "in-process");
  if (name === "in-process")
    return { name, entry: toPath("in-process-runtime.ts", import.meta.url) };
  if (isRuntimeClientBuilt()) return { name, entry: toPath("index.mjs", clientFolder) };
  throw new Error(
    "AWS's runtime client (aws-lambda-ric) is not built. Run `node local/install.ts`; it needs cmake, make and g++.",
  );
}

/** Whether AWS's runtime client is built in the version that `local/runtime/package.json` names. */
export function isRuntimeClientBuilt(): boolean {
  if (!existsSync(new URL("rapid-client.node", clientFolder))) return false;
  const wanted = readJson(new URL("package.json", runtimeFolder)).dependencies["aws-lambda-ric"];
  return readJson(new URL("package.json", clientFolder)).version === wanted;
}

function readJson(file: URL) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function toPath(file: string, base: string | URL): string {
  return fileURLToPath(new URL(file, base));
}
