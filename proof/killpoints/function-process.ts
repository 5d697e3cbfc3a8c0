import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** The order to a function's process: one invocation. */
export interface Invocation {
  /** The bundled function. */
  readonly module: string;
  readonly event: unknown;
  /** The point at which the process dies. */
  readonly dieAt: string | undefined;
  /** The time of the invocation, as Lambda limits it. */
  readonly timeoutMs: number;
}

/** The result of an invocation, unless its process died. */
export type InvocationResult = { readonly passed: readonly string[] } & (
  | { readonly kind: "returned"; readonly response: unknown }
  | { readonly kind: "threw"; readonly error: { readonly name: string; readonly message: string } }
);

/** A process that runs functions, one at a time, until it dies. */
export interface FunctionProcess {
  readonly id: string;
  isAlive(): boolean;
  /** @returns `{kind: "died"}` if the process ended before the invocation. */
  invoke(invocation: Invocation): Promise<InvocationResult | { readonly kind: "died" }>;
  /** Kills it, and waits until it is dead. */
  kill(): Promise<void>;
}

/** Starts a process of functions. Its output is not shown: most of it is about its own death. */
export function startFunctionProcess(
  id: string,
  runner: string,
  options: { readonly execArgv: readonly string[]; readonly env: NodeJS.ProcessEnv },
): FunctionProcess {
  const child = fork(runner, { ...options, execArgv: [...options.execArgv], stdio: QUIET });
  const died = once(child, "exit").then(() => ({ kind: "died" }) as const);
  return {
    id,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    invoke(invocation) {
      const finished = nextMessage(child);
      child.send(invocation);
      return Promise.race([died, finished]);
    },
    async kill() {
      child.kill("SIGKILL");
      await died;
    },
  };
}

const QUIET = ["ignore", "ignore", "ignore", "ipc"] as const satisfies unknown[] as never;

async function nextMessage(child: ChildProcess): Promise<InvocationResult> {
  const [message] = await once(child, "message");
  return message;
}
