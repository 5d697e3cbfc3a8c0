import { overrideVariables } from "./assembly/environment.ts";
import { isNamed } from "./assembly/logical-id.ts";
import type { Schedule } from "./assembly/schedules.ts";
import { listFunctions, readAssembly } from "./assembly.ts";
import { type Engine, type EngineOptions, startEngine } from "./engine.ts";
import type { MovableClock } from "./functions/movable-clock.ts";
import { chooseRunner, type RunnerName } from "./functions/runner.ts";
import { type Functions, type FunctionsOptions, prepareFunctions } from "./functions.ts";
import { startGateway } from "./gateway.ts";
import { startLambdaApi } from "./lambda-api.ts";
import { LOOPBACK, reservePort } from "./process/ports.ts";
import { Queues } from "./queue/queues.ts";
import { startQueueClock } from "./queue/running-clock.ts";
import { type RunningQueues, startQueues } from "./queues.ts";
import { startSqsApi } from "./sqs-api.ts";
import { createTables } from "./tables.ts";
import { startTap, type Tap } from "./tap.ts";

export type CloudOptions = {
  /** Folder of the cloud assembly (`cdk.out`). */
  assembly: string;
  /** Port of the HTTP API; 0 for any free one. @default 3000 */
  port?: number;
  /** Values that replace those of the template for variables of functions. @default none */
  environment?: Record<string, string>;
  /** Forces an engine. @default the first that can start, see `startEngine` */
  engine?: NonNullable<EngineOptions["engine"]>;
  /** URL of an engine that is running already. @default AWS_ENDPOINT_URL_DYNAMODB */
  endpoint?: string;
  /** Forces a runner. @default AWS's runtime client where it is built */
  runner?: RunnerName;
  /**
   * The clock of all functions and of the queues, or of each environment; the queues have this machine's
   * then. The caller closes it. @default this machine's
   */
  clock?: MovableClock | ((environmentId: string) => MovableClock);
  /** Most execution environments of one function at once; further requests wait. @default 8 */
  maxEnvironments?: number;
  /** Whether to write the logs of the functions. @default false */
  verbose?: boolean;
  /** Writes a line. @default console.error */
  log?(line: string): void;
};

/** A synthesized stack, running on this machine. */
export type Cloud = {
  /** The URL of the HTTP API. */
  url: string;
  engine: Pick<Engine, "name" | "endpoint">;
  runner: RunnerName;
  tap: Tap;
  functions: Pick<Functions, "list" | "kill" | "pause" | "onAnswer">;
  /** The endpoint of SQS, for an SDK client. */
  sqsEndpoint: string;
  /** A queue of the stack, by its logical id or its name. */
  queue: RunningQueues["find"];
  /**
   * The name of a table on the engine.
   *
   * @param name its logical id, in full or without the hash at its end.
   * @throws if there is no such table, naming the tables of the stack.
   */
  tableName(name: string): string;
  /** Deploys the routes under other route keys, from the next request on. Their functions stay. */
  renameRoutes(rename: (routeKey: string) => string): void;
  /**
   * Invokes the functions of all schedules now, one after the other, and waits for them.
   *
   * @throws if one of the functions fails.
   */
  runSchedules(): Promise<void>;
  /** Ends all parts of the cloud. */
  close(): Promise<void>;
};

/**
 * Runs the stack of a cloud assembly: its tables on a DynamoDB engine, its functions in processes of
 * their own, its HTTP API on a port of this machine.
 *
 * @throws if the port is taken, no engine can start, the stack has an unsupported resource, or no
 *   function has a variable of `environment`.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const log = options.log ?? console.error;
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    // In reverse order: no request may meet a closed part.
    for (const part of started.splice(0).reverse()) await part.close();
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.push(part);
    return part;
  };

  try {
    const port = await reservePort(options.port ?? 3000);
    const queueClock = startQueueClock(
      typeof options.clock === "function" ? undefined : options.clock,
    );
    keep({ close: async () => queueClock.close() });
    const queues = new Queues(queueClock);
    const sqs = keep(await startSqsApi(queues, queueClock));
    const assembly = overrideVariables(
      readAssembly(options.assembly, {
        apiUrl: `http://${LOOPBACK}:${port}`,
        queuesUrl: sqs.queueUrl(""),
      }),
      options.environment ?? {},
    );
    let { api } = assembly;
    const runner = chooseRunner(options.runner);
    const engine = keep(await startEngine({ ...engineOptions(options), log }));
    await createTables(engine.endpoint, assembly.tables);
    const tap = keep(await startTap(engine.endpoint));
    const lambda = keep(
      await startLambdaApi((name, payload) => functions.invokeByName(name, payload)),
    );
    const { schedules } = assembly;
    const functions: Functions = keep(
      prepareFunctions(listFunctions(assembly), {
        runner,
        clockFor: readClock(options.clock),
        maxEnvironments: options.maxEnvironments ?? 8,
        dynamoDbEndpoint: (environmentId) => tap.endpoint(environmentId),
        lambdaEndpoint: () => lambda.endpoint,
        sqsEndpoint: () => sqs.endpoint,
        onLog: (environmentId, line) => options.verbose && log(`[${environmentId}] ${line}`),
        onInitFailure: log,
      }),
    );
    const runningQueues = keep(
      startQueues(queues, assembly, {
        clock: queueClock,
        queueUrl: sqs.queueUrl,
        invoke: functions.invoke,
        log: (line) => options.verbose && log(line),
      }),
    );
    const gateway = keep(await startGateway(() => api, functions.invoke, port));
    return {
      url: gateway.url,
      engine,
      runner: runner.name,
      tap,
      functions,
      sqsEndpoint: sqs.endpoint,
      queue: runningQueues.find,
      tableName: (name) => tableName(assembly.tables, name),
      renameRoutes: (rename) => {
        const routes = api.routes.map((one) => ({ ...one, routeKey: rename(one.routeKey) }));
        api = { ...api, routes };
      },
      runSchedules: async () => {
        for (const one of schedules) await runSchedule(one, functions);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function readClock(clock: CloudOptions["clock"]): FunctionsOptions["clockFor"] {
  return typeof clock === "function" ? clock : () => clock;
}

async function runSchedule(schedule: Schedule, { invoke }: Functions): Promise<void> {
  const event = { source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
  const { outcome, payload } = await invoke(schedule.function, JSON.stringify(event));
  if (outcome === "returned") return;
  throw new Error(
    `${schedule.function.logicalId}, run by ${schedule.logicalId}, failed: ${payload}`,
  );
}

function engineOptions({ engine, endpoint }: CloudOptions): EngineOptions {
  return { ...(engine && { engine }), ...(endpoint && { endpoint }) };
}

function tableName(tables: { logicalId: string; name: string }[], name: string): string {
  const found = tables.find(({ logicalId }) => isNamed(logicalId, name));
  if (found) return found.name;
  const known = tables.map(({ logicalId }) => logicalId).join(", ");
  throw new Error(`There is no table ${name} in the stack; it has ${known}.`);
}
