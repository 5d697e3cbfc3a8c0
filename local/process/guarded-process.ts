import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The end of a process: by an exit code or by a signal. */
export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

/** A child process that cannot outlive this process, however this process ends. */
export type GuardedProcess = {
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Sends a signal to the process and all processes in its group; ignored once the process has ended. */
  signal(name: NodeJS.Signals): void;
  /** Kills the process (SIGKILL works on a frozen process too) and waits for its end. */
  kill(): Promise<ProcessExit>;
};

export type GuardedProcessOptions = {
  cwd?: string;
  /** The whole environment of the process, which inherits nothing. */
  env: NodeJS.ProcessEnv;
  /** Called for each line that the process writes to its standard output or error. */
  onLine?: (line: string) => void;
};

/**
 * Starts a process in a process group of its own, with a guard beside it.
 *
 * @throws if the command cannot be started, with the system's reason (`ENOENT`: no such command).
 */
export async function spawnGuarded(
  command: string,
  args: string[],
  options: GuardedProcessOptions,
): Promise<GuardedProcess> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    // With a group of its own: Ctrl-C in a terminal reaches this process alone, which ends the rest in
    // order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid;
  if (pid === undefined) {
    const [error] = await once(child, "error");
    throw error;
  }
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  guard(child, pid);
  readLines(child.stdout, options.onLine);
  readLines(child.stderr, options.onLine);

  const signal = (name: NodeJS.Signals) => signalGroup(pid, name);
  return {
    pid,
    exited,
    signal,
    kill: () => {
      signal("SIGKILL");
      return exited;
    },
  };
}

/**
 * No code of this process runs after a SIGKILL, and a frozen child cannot notice that its parent is
 * gone. So a tiny shell waits beside each child. If the pipe from this process closes without a
 * message, the shell kills the child.
 */
function guard(child: ChildProcess, pid: number): void {
  const watcher = spawn("/bin/sh", ["-c", 'read ended || kill -KILL "-$1"', "guard", `${pid}`], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.once("error", () => signalGroup(pid, "SIGKILL"));
  watcher.stdin.on("error", () => {});
  child.once("exit", () => watcher.stdin.end("ended\n"));
  // The guard must not keep a finished program (or test run) alive.
  watcher.unref();
  (watcher.stdin as typeof watcher.stdin & { unref(): void }).unref();
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readLines(stream: Readable | null, onLine: ((line: string) => void) | undefined): void {
  if (!stream) return;
  if (onLine) createInterface({ input: stream }).on("line", onLine);
  else stream.resume();
}
