import { setTimeout as delay } from "node:timers/promises";
import { type GuardedProcess, spawnGuarded } from "../process/guarded-process.ts";
import { LOOPBACK, reservePort } from "../process/ports.ts";

/** A DynamoDB engine that comes as a program. */
export type EngineProgram = {
  title: string;
  /** Why it cannot start on this machine and what to do about it; nothing when it can. */
  missing(): string | undefined;
  command(port: number): EngineCommand;
};

export type EngineCommand = {
  command: string;
  args: string[];
  cwd?: string;
  /** Added to this process's environment. */
  env: Record<string, string>;
  /** A text in its output that means it will never be ready, though it runs on. */
  fatalOutput?: string;
};

const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 10;

/**
 * Starts the program and waits until it answers.
 *
 * @throws when the port is taken, or when it ends or stays silent instead of answering; with its output.
 */
export async function startProgram(
  program: EngineProgram,
  wantedPort?: number,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const port = await reservePort(wantedPort);
  const endpoint = `http://${LOOPBACK}:${port}`;
  const { command, args, cwd, env, fatalOutput } = program.command(port);
  const output: string[] = [];
  const engine = await spawnGuarded(command, args, {
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
    onLine: (line) => {
      output.push(line);
      if (fatalOutput && line.includes(fatalOutput)) engine.signal("SIGKILL");
    },
  });
  try {
    await untilItAnswers(engine, endpoint);
  } catch (error) {
    await engine.kill();
    const reason = `${program.title} did not start on port ${port}: ${(error as Error).message}.`;
    throw new Error([reason, ...output.slice(-5)].join("\n"));
  }
  return { endpoint, close: async () => void (await engine.kill()) };
}

async function untilItAnswers(engine: GuardedProcess, endpoint: string): Promise<void> {
  let ended = false;
  void engine.exited.then(() => {
    ended = true;
  });
  const giveUpAtMs = Date.now() + READY_TIMEOUT_MS;
  while (!(await answers(endpoint))) {
    if (ended) throw new Error("the process ended");
    if (Date.now() > giveUpAtMs) throw new Error(`no answer within ${READY_TIMEOUT_MS} ms`);
    await delay(READY_POLL_MS);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    // Any answer will do, also the refusal of an unsigned request.
    await (await fetch(endpoint, { signal: AbortSignal.timeout(1_000) })).text();
    return true;
  } catch {
    return false;
  }
}
