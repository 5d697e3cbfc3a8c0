import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { EngineProgram } from "./program.ts";

/** AWS's own emulator. Needs Java; the only engine that really deletes expired items. */
export const dynamoDbLocal: EngineProgram = {
  title: "DynamoDB Local",
  missing: () => {
    if (!emulatorFolder()) {
      return "DynamoDB Local is missing: the package amplify-dynamodb-simulator is not installed; run `npm ci`.";
    }
    if (spawnSync("java", ["-version"], { stdio: "ignore" }).status !== 0) {
      return "DynamoDB Local needs Java 11 or later, and there is no working `java` on the PATH; install a JRE.";
    }
    return undefined;
  },
  command: (port) => ({
    command: "java",
    args: [
      "-Djava.library.path=./DynamoDBLocal_lib",
      // Two cores are shared with the functions: a small, simple collector starts fastest.
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-jar",
      "DynamoDBLocal.jar",
      "-inMemory",
      // One database for whatever credentials and region a client has.
      "-sharedDb",
      "-port",
      `${port}`,
    ],
    cwd: emulatorFolder() ?? ".",
    env: { DDB_LOCAL_TELEMETRY: "0" },
    // It does not exit when its port is taken.
    fatalOutput: "Failed to bind",
  }),
};

function emulatorFolder(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve("amplify-dynamodb-simulator/package.json")), "emulator");
  } catch {
    return undefined;
  }
}
