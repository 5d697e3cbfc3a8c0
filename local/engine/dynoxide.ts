import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LOOPBACK } from "../process/ports.ts";
import type { EngineProgram } from "./program.ts";

const packageName = `@dynoxide/${process.platform}-${process.arch}`;

/** A static DynamoDB-compatible binary, ready in a tenth of a second. It never deletes by TTL. */
export const dynoxide: EngineProgram = {
  title: "Dynoxide",
  missing: () =>
    binary()
      ? undefined
      : `Dynoxide is missing: the optional package ${packageName} is not installed. ` +
        "It exists for Linux on x64; run `npm ci` without --omit=optional there.",
  command: (port) => ({
    command: binary() ?? "dynoxide",
    args: ["--host", LOOPBACK, "--port", `${port}`],
    env: {},
  }),
};

function binary(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve(`${packageName}/package.json`)), "dynoxide");
  } catch {
    return undefined;
  }
}
