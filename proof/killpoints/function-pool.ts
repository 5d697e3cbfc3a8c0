import type { Tap } from "../../local/tap.ts";
import { type Bundle, bundled, RUNNER } from "./bundle.ts";
import {
  type FunctionProcess,
  type InvocationResult,
  startFunctionProcess,
} from "./function-process.ts";

/** A function's source file, and the event that it is invoked with. */
export interface Call {
  readonly file: string;
  readonly event: unknown;
}

/** What became of a call, and how many requests it has sent to DynamoDB. */
export type CallResult = (InvocationResult | { readonly kind: "died" }) & {
  readonly requests: number;
};

/** The processes of one lane, of which one that died is replaced at once. */
export interface FunctionPool {
  /** A process that has nothing to do; it must be given to `run`. */
  take(): FunctionProcess;
  run(child: FunctionProcess, call: Call, dieAt?: string): Promise<CallResult>;
  close(): Promise<void>;
}

/** The time that Lambda would give to an invocation. */
const TIMEOUT_MS = 10_000;

export function startFunctionPool(
  bundle: Bundle,
  tap: Tap,
  options: { readonly execArgv: readonly string[]; readonly env: NodeJS.ProcessEnv },
): FunctionPool {
  const idle: FunctionProcess[] = [];
  let started = 0;

  function start(): FunctionProcess {
    started += 1;
    const id = `p${started}`;
    const env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: `${bundle.folder}/compiled`,
      AWS_ENDPOINT_URL_DYNAMODB: tap.endpoint(id),
      ...options.env,
    };
    const { execArgv } = options;
    return startFunctionProcess(id, bundled(bundle.folder, RUNNER), { execArgv, env });
  }

  // One is called, and the other one is ready when it dies, or invokes a function.
  idle.push(start(), start());
  return {
    take: () => idle.shift() ?? start(),

    async run(child, { file, event }, dieAt) {
      let requests = 0;
      const stop = tap.onRequest(({ environmentId }) => {
        if (environmentId === child.id) requests += 1;
        return "forward";
      });
      const module = bundled(bundle.folder, file);
      const result = await child.invoke({ module, event, dieAt, timeoutMs: TIMEOUT_MS });
      stop();
      idle.push(result.kind === "died" ? start() : child);
      return { ...result, requests };
    },

    async close() {
      await Promise.all(idle.map((child) => child.kill()));
    },
  };
}
