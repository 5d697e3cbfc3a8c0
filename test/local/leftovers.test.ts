import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { startCloud } from "../../local/cloud.ts";
import { OTHER_ENGINES } from "../support/engines.ts";
import { fixtureTemplate, writeAssembly } from "./fixture-assembly.ts";
import { isAlive, listDescendants, processState, until } from "./processes.ts";

const program = fileURLToPath(new URL("run-cloud.ts", import.meta.url));
const ENGINE_PIDS = OTHER_ENGINES.length > 0 ? 2 : 0;
let parent: ChildProcess | undefined;

afterEach(() => {
  parent?.kill("SIGKILL");
});

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "%s on the local cloud leaves no process behind, frozen ones included",
  async (signal) => {
    parent = spawn(process.execPath, [program, writeAssembly()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await untilFrozen(parent);
    const pids = listDescendants(parent.pid ?? 0);
    // The function, and the engine where it is a program, each with its guard.
    expect(pids).toHaveLength(2 + ENGINE_PIDS);

    parent.kill(signal);
    await until(() => !pids.some(isAlive), "all processes are gone");
  },
);

test("a cloud that npm has started ends when npm and its shell are gone", async () => {
  // The `true` keeps the shell from becoming the program itself.
  const script = '"$0" "$1" "$2"; true';
  parent = spawn("/bin/sh", ["-c", script, process.execPath, program, writeAssembly()], {
    env: { ...process.env, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await untilFrozen(parent);
  const pids = listDescendants(parent.pid ?? 0);
  expect(pids).toHaveLength(3 + ENGINE_PIDS);

  parent.kill("SIGKILL");
  await until(() => !pids.some(isAlive), "all processes are gone");
});

test("close leaves no process behind", async () => {
  // Other test files may run in this process, with programs of their own.
  const others = new Set(listDescendants(process.pid));
  const cloud = await startCloud({ assembly: writeAssembly(), port: 0 });
  await fetch(`${cloud.url}/count`);
  const pids = listDescendants(process.pid).filter((pid) => !others.has(pid));
  expect(pids).not.toEqual([]);
  await cloud.close();
  await until(() => !pids.some(isAlive), "all processes are gone");
});

test("a busy port is refused with a sentence that names the remedy", async () => {
  const cloud = await startCloud({ assembly: writeAssembly(), port: 0 });
  const port = Number(new URL(cloud.url).port);
  await expect(startCloud({ assembly: writeAssembly(), port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is already in use. Pick another with --port`,
  );
  await cloud.close();
});

test("a cloud that cannot start leaves nothing running", async () => {
  const before = listDescendants(process.pid);
  const Broken = { Type: "AWS::DynamoDB::Table", Properties: { KeySchema: [] } };
  const assembly = writeAssembly(fixtureTemplate({ Broken }));
  await expect(startCloud({ assembly, port: 0 })).rejects.toThrow();
  const started = listDescendants(process.pid).filter((pid) => !before.includes(pid));
  await until(() => !started.some(isAlive), "all processes are gone");
});

/** Waits for the program's URL, invokes a function there, and waits until it is frozen. */
async function untilFrozen({ stdout }: ChildProcess): Promise<void> {
  const [url] = await once(stdout as NodeJS.ReadableStream, "data");
  const response = await fetch(`${String(url).trim()}/count`);
  const { pid } = (await response.json()) as { pid: number };
  await until(() => processState(pid) === "T", "the function is frozen");
}
