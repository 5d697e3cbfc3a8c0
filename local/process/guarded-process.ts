import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How a process ended: with an exit code, or by a signal. */
export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

/** A child process that cannot outlive this one, however this one ends. */
export type GuardedProcess = {
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Sends a signal to the process and to whatever it has started; ignored once it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Ends it at once (SIGKILL works on a frozen process too) and waits until it has ended. */
  kill(): Promise<ProcessExit>;
};

export type GuardedProcessOptions = {
  cwd?: string;
  /** The whole environment of the process: nothing is inherited. */
  env: NodeJS.ProcessEnv;
  /** Called for each line that the process writes to its standard output or error. */
  onLine?: (line: string) => void;
};

/**
 * Starts a process in a process group of its own, with a guard beside it.
 *
 * @throws when the command cannot be started, with the system's reason (`ENOENT`: there is none).
 */
export async function spawnGuarded(
  command: string,
  args: string[],
  options: GuardedProcessOptions,
): Promise<GuardedProcess> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    // A group of its own: Ctrl-C in a terminal then reaches us alone, and we end the rest in order.
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
 * Nothing in this process can run after a SIGKILL, and a frozen child cannot notice that its parent
 * is gone. So a tiny shell waits beside each child: when the pipe from us closes without a word, it
 * kills the child.
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
