import type { Tap } from "../../local/tap.ts";
import { type Bundle, RUNNER, toBundlePath } from "./bundle.ts";
import {
  type FunctionProcess,
  type InvocationResult,
  startFunctionProcess,
} from "./function-process.ts";

/** A function's source file, and the event of its invocation. */
export interface Call {
  readonly file: string;
  readonly event: unknown;
}

/** The result of a call, and the number of its requests to DynamoDB. */
export type CallResult = (InvocationResult | { readonly kind: "died" }) & {
  readonly requests: number;
};

/** The processes of one lane. A dead process is replaced at once. */
export interface FunctionProcessPool {
  /** Takes an idle process, which must be given to `run`. */
  take(): FunctionProcess;
  run(child: FunctionProcess, call: Call, dieAt?: string): Promise<CallResult>;
  close(): Promise<void>;
}

/** The time of one invocation, as Lambda limits it. */
const TIMEOUT_MS = 10_000;

export function startFunctionProcessPool(
  bundle: Bundle,
  tap: Tap,
  options: { readonly execArgv: readonly string[]; readonly env: NodeJS.ProcessEnv },
): FunctionProcessPool {
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
    return startFunctionProcess(id, toBundlePath(bundle.folder, RUNNER), { execArgv, env });
  }

  // One process is called; the other is ready when the first dies or invokes a function.
  idle.push(start(), start());
  return {
    take: () => idle.shift() ?? start(),

    async run(child, { file, event }, dieAt) {
      let requests = 0;
      const stop = tap.onRequest(({ environmentId }) => {
        if (environmentId === child.id) requests += 1;
        return "forward";
      });
      const module = toBundlePath(bundle.folder, file);
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
