import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import { startMovableClock } from "../../local/functions/movable-clock.ts";
import { isRuntimeClientBuilt, type RunnerName } from "../../local/functions/runner.ts";
import { writeAssembly } from "./fixture-assembly.ts";
import { isAlive, processState, until } from "./processes.ts";

const runners: RunnerName[] = isRuntimeClientBuilt()
  ? ["aws-lambda-ric", "in-process"]
  : ["in-process"];
if (runners.length === 1) console.warn("NOT TESTED: AWS's runtime client is not built.");

describe.each(runners)("functions under %s", (runner) => {
  let cloud: Cloud;
  let lines: string[] = [];

  beforeAll(async () => {
    const log = (line: string) => lines.push(line);
    const assembly = writeAssembly();
    cloud = await startCloud({ assembly, port: 0, runner, log, maxEnvironments: 3 });
  });
  beforeEach(() => {
    lines = [];
  });
  afterAll(async () => cloud.close());

  const get = (path: string) => fetch(cloud.url + path);
  const post = (path: string, body: unknown) =>
    fetch(cloud.url + path, { method: "POST", body: JSON.stringify(body), headers: JSON_TYPE });
  const JSON_TYPE = { "content-type": "application/json" };
  const idle = (logicalId: string) =>
    cloud.functions.list().find((found) => found.logicalId === logicalId && !found.isBusy);
  /** Waits until the runtime has asked for more: only then the next request finds it idle. */
  const untilIdle = (logicalId: string) =>
    until(() => idle(logicalId) !== undefined, `${logicalId} idle`);

  async function count(): Promise<{ pid: number; invocations: number }> {
    const result = (await (await get("/count")).json()) as { pid: number; invocations: number };
    await untilIdle("Count");
    return result;
  }

  test("the runner is named", () => {
    expect(cloud.runner).toBe(runner);
  });

  test("an environment is frozen between invocations and used again", async () => {
    const first = await count();
    await until(() => processState(first.pid) === "T", "the process is stopped");
    const second = await count();
    expect(second).toEqual({ pid: first.pid, invocations: first.invocations + 1 });
  });

  test("a killed environment is replaced on the next request", async () => {
    const { pid } = await count();
    expect(await cloud.functions.kill("Count")).toBe(1);
    expect(isAlive(pid)).toBe(false);
    const replaced = await count();
    expect(replaced).toMatchObject({ invocations: 1 });
    expect(replaced.pid).not.toBe(pid);
  });

  test("a function is killed at its timeout, and the client gets API Gateway's 500", async () => {
    const response = await get("/hang");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal Server Error" });
    const hanging = () => cloud.functions.list().some(({ logicalId }) => logicalId === "Hang");
    await until(() => !hanging(), "the environment is gone");
  });

  test("a function killed in mid-invocation gives a 500 at once", async () => {
    const response = get("/hang");
    await until(
      () => cloud.functions.list().some(({ logicalId, isBusy }) => logicalId === "Hang" && isBusy),
      "the function is running",
    );
    await cloud.functions.kill("Hang");
    expect((await response).status).toBe(500);
  });

  test("a function stopped in mid-invocation stays where it is, until it is let go on", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "meet-")), "parties");
    const first = post("/meet", { folder, parties: 2 });
    const busy = () =>
      cloud.functions.list().find(({ logicalId, isBusy }) => logicalId === "Meet" && isBusy);
    await until(() => busy() !== undefined && existsSync(folder), "the function is running");
    const { environmentId, pid } = busy() as NonNullable<ReturnType<typeof busy>>;
    const resume = cloud.functions.pause(environmentId);
    await until(() => processState(pid) === "T", "the process is stopped");
    expect((await post("/meet", { folder, parties: 2 })).status).toBe(200);
    expect(processState(pid)).toBe("T");
    resume();
    expect((await first).status).toBe(200);
  });

  test("an idle environment is frozen, and a pause does not wake it", async () => {
    const { pid } = await count();
    const [{ environmentId } = { environmentId: "" }] = cloud.functions
      .list()
      .filter((found) => found.pid === pid);
    await until(() => processState(pid) === "T", "the process is stopped");
    cloud.functions.pause(environmentId)();
    expect(processState(pid)).toBe("T");
  });

  test("each environment can have a clock of its own", async () => {
    const clocks = [startMovableClock(), startMovableClock()] as const;
    clocks[1].advance(3_600_000);
    const clock = (environmentId: string) => clocks[environmentId === "Now-1" ? 0 : 1];
    const assembly = writeAssembly();
    const skewed = await startCloud({ assembly, port: 0, runner, clock });
    const now = async () => Number(await (await fetch(`${skewed.url}/now`)).text());
    const first = await now();
    await skewed.functions.kill("Now-1");
    expect((await now()) - first).toBeGreaterThanOrEqual(3_600_000);
    await skewed.close();
    for (const one of clocks) one.close();
  });

  test("a handler that throws gives a 500, and its environment lives on", async () => {
    expect((await get("/fail")).status).toBe(500);
    await untilIdle("Fail");
    expect((await get("/fail")).status).toBe(500);
  });

  test("the handler knows how much time it has left", async () => {
    const remainingMs = Number(await (await get("/remaining")).text());
    expect(remainingMs).toBeGreaterThan(2_000);
    expect(remainingMs).toBeLessThanOrEqual(3_000);
  });

  test("concurrent requests run in environments of their own, and the rest waits for one", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "meet-")), "parties");
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => post("/meet", { folder, parties: 3 })),
    );
    const results = await Promise.all(responses.map((response) => response.json()));
    const pids = new Set(results.map((result) => (result as { pid: number }).pid));
    expect(pids.size).toBe(3);
  });

  test("a function that cannot be loaded gives a 500, and the reason is shown", async () => {
    expect((await get("/unloadable")).status).toBe(500);
    expect(lines.join("\n")).toContain("Unloadable-1 could not be loaded");
    expect(lines.join("\n")).toContain("isNotThere");
  });

  test("a function without a process gives a 500, and the reason is shown", async () => {
    const log = (line: string) => lines.push(line);
    const assembly = writeAssembly();
    const broken = await startCloud({ assembly, port: 0, runner, log });
    rmSync(join(assembly, "asset.code"), { recursive: true });
    const response = await fetch(`${broken.url}/count`);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "Internal Server Error" });
    expect(lines.join()).toContain("Count-1 could not be started");
    await broken.close();
  });

  test("the log of a function is hidden, unless it is asked for", async () => {
    await count();
    expect(lines).toEqual([]);
    const log = (line: string) => lines.push(line);
    const assembly = writeAssembly();
    const verbose = await startCloud({ assembly, port: 0, runner, log, verbose: true });
    await fetch(`${verbose.url}/count`);
    await until(() => lines.length > 0, "a line of the log");
    expect(lines[0]).toMatch(/^\[Count-1\] .*counting$/);
    await verbose.close();
  });
});
