import { isNamed } from "./assembly/logical-id.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import type { EnvironmentOptions, InvocationResult } from "./functions/environment.ts";
import { FunctionPool } from "./functions/function-pool.ts";

/** An execution environment, seen from outside. */
export type EnvironmentInfo = {
  /** As in `TapRequest.environmentId`. */
  environmentId: string;
  /** The function's name in the template. */
  logicalId: string;
  pid: number;
  isBusy: boolean;
};

/**
 * Sees that a function has answered. The cloud awaits the hook before the invoker gets the answer,
 * and loses the answer if the hook returns `drop`.
 */
export type FunctionAnswerHook = (answered: {
  environmentId: string;
  logicalId: string;
}) => "pass" | "drop" | Promise<"pass" | "drop">;

/** The functions of the local cloud. */
export type Functions = {
  invoke(definition: FunctionDefinition, payload: string): Promise<InvocationResult>;
  /**
   * Invokes a function as Lambda's own API does, by its name or its ARN; an alias or a version stands
   * for the function itself here. `undefined` if there is no such function.
   */
  invokeByName(name: string, payload: string): Promise<InvocationResult> | undefined;
  /** The environments that have a process now. */
  list(): EnvironmentInfo[];
  /**
   * Kills one environment by its id, or all environments of a function by its logical id (in full,
   * or without the hash at its end), and waits until they are gone. A later request gets a new
   * environment.
   *
   * @returns the number of killed environments.
   */
  kill(target: string): Promise<number>;
  /**
   * Stops an environment in mid-invocation. An idle environment is frozen anyway.
   *
   * @returns a function that lets the environment go on, unless it has ended.
   */
  pause(environmentId: string): () => void;
  /** Adds a hook. Call the result to remove it. */
  onAnswer(hook: FunctionAnswerHook): () => void;
  close(): Promise<void>;
};

export type FunctionsOptions = Pick<EnvironmentOptions, "runner" | "onInitFailure"> & {
  /** The clock of an environment. */
  clockFor(environmentId: string): EnvironmentOptions["clock"];
  /** The most environments of one function at once. */
  maxEnvironments: number;
  dynamoDbEndpoint(environmentId: string): string;
  /** The endpoint of Lambda for the functions. */
  lambdaEndpoint(): string;
  /** The endpoint of SQS for the functions. */
  sqsEndpoint(): string;
  onLog(environmentId: string, line: string): void;
};

/** Prepares functions. Their processes start with the first request. */
export function prepareFunctions(
  definitions: readonly FunctionDefinition[],
  options: FunctionsOptions,
): Functions {
  const pools = new Map<string, FunctionPool>();
  for (const definition of definitions) {
    pools.set(definition.logicalId, createPool(definition, options));
  }
  const hooks = new Set<FunctionAnswerHook>();
  const all = () =>
    [...pools.values()].flatMap((pool) =>
      pool.environments.map((environment) => ({ environment, pool })),
    );

  async function invoke(pool: FunctionPool, payload: string): Promise<InvocationResult> {
    const { logicalId } = pool.definition;
    const { environmentId, ...result } = await pool.invoke(payload);
    for (const hook of hooks) {
      if ((await hook({ environmentId, logicalId })) === "drop") return LOST;
    }
    return result;
  }

  return {
    invoke: async ({ logicalId }, payload) => {
      const pool = pools.get(logicalId);
      if (!pool) throw new Error(`There is no function ${logicalId} behind the API.`);
      return invoke(pool, payload);
    },
    invokeByName: (name, payload) => {
      const pool = [...pools.values()].find(
        ({ definition: { name: known, arn } }) =>
          known === name || arn === name || name.startsWith(`${arn}:`),
      );
      return pool && invoke(pool, payload);
    },
    onAnswer: (hook) => {
      hooks.add(hook);
      return () => void hooks.delete(hook);
    },
    list: () =>
      all().map(({ environment, pool }) => ({
        environmentId: environment.id,
        logicalId: pool.definition.logicalId,
        pid: environment.pid,
        isBusy: environment.isBusy,
      })),
    kill: async (target) => {
      const targets = all().filter(
        ({ environment, pool }) =>
          environment.id === target || isNamed(pool.definition.logicalId, target),
      );
      await Promise.all(targets.map(({ environment }) => environment.kill()));
      return targets.length;
    },
    pause: (environmentId) => {
      const paused = all().find(({ environment }) => environment.id === environmentId);
      return paused?.environment.pause() ?? (() => {});
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

const LOST: InvocationResult = {
  outcome: "failed",
  payload: JSON.stringify({
    errorType: "Local.AnswerLost",
    errorMessage: "the answer was dropped",
  }),
};

function createPool(definition: FunctionDefinition, options: FunctionsOptions): FunctionPool {
  const { runner, clockFor, maxEnvironments, onInitFailure, onLog } = options;
  return new FunctionPool({
    definition,
    maxEnvironments,
    environmentOptions: (environmentId) => ({
      runner,
      clock: clockFor(environmentId),
      dynamoDbEndpoint: options.dynamoDbEndpoint(environmentId),
      lambdaEndpoint: options.lambdaEndpoint(),
      sqsEndpoint: options.sqsEndpoint(),
      onInitFailure,
      onLog: (line) => onLog(environmentId, line),
    }),
  });
}
