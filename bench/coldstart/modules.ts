import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundle } from "../bundle/bundle.ts";
import { HANDLERS, type HandlerName } from "../bundle/handlers.ts";

/** The form of a deployed function: one file with the SDK in it, or with its `node_modules`. */
export type Packaging = "bundled" | "unbundled";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Inside the package, so that unbundled handlers find the package by its name and its built files. */
const FOLDER = join(ROOT, ".local/coldstart");

/** Builds the package. Unbundled handlers import it as users do. */
export async function buildPackage(): Promise<void> {
  await promisify(execFile)("npm", ["run", "--silent", "build"], { cwd: ROOT });
}

/** Writes a handler in the form of its deployment, and returns its path. */
export async function writeModule(handler: HandlerName, packaging: Packaging): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${packaging}-${handler.replace(/\W+/g, "-")}.mjs`);
  const source =
    packaging === "bundled" ? (await bundle(handler, "in")).code : HANDLERS[handler].trimStart();
  await writeFile(file, source);
  return file;
}
