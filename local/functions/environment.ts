import { randomUUID } from "node:crypto";
import { type GuardedProcess, spawnGuarded } from "../process/guarded-process.ts";
import type { FunctionDefinition } from "./definition.ts";
import { environmentVariables } from "./environment-variables.ts";
import type { MovableClock } from "./movable-clock.ts";
import type { Runner } from "./runner.ts";
import { type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

/** The end of an invocation: the handler's result, or Lambda's description of the failure, as JSON. */
export type InvocationResult = { outcome: "returned" | "failed"; payload: string };

export type EnvironmentOptions = {
  /** Unique in the cloud; may appear in a URL. */
  id: string;
  definition: FunctionDefinition;
  runner: Runner;
  /** The function's time. @default this machine's */
  clock?: MovableClock | undefined;
  /** The endpoint of DynamoDB for the function. */
  dynamoDbEndpoint: string;
  /** The endpoint of Lambda for the function. */
  lambdaEndpoint: string;
  /** The endpoint of SQS for the function. */
  sqsEndpoint: string;
  /** Called when an invocation has ended and the environment can take the next invocation. */
  onIdle(environment: Environment): void;
  /** Called once when the process has ended, for any reason. */
  onEnd(environment: Environment): void;
  /** Called for each line of the function's log. */
  onLog(line: string): void;
  /** Called with a description and the last lines of the log if the function did not load. */
  onInitFailure(description: string): void;
};

/** Lambda's own limit for loading a function. */
const INIT_TIMEOUT_MS = 10_000;
const KEPT_LOG_LINES = 20;

/**
 * An execution environment: one process that runs one invocation at a time and is frozen between
 * invocations, as on Lambda. Work that a handler left running goes on when the next invocation
 * thaws the process.
 */
export class Environment {
  readonly id: string;
  readonly #options: EnvironmentOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #lastLines: string[] = [];
  #api!: RuntimeApi;
  #process!: GuardedProcess;
  #isReady = false;
  #isKilled = false;
  #current: CurrentInvocation | undefined;

  /**
   * Starts the process, which loads the function while the first invocation waits.
   *
   * @throws if the system cannot start the process, after `onInitFailure` has been called.
   */
  static async start(options: EnvironmentOptions): Promise<Environment> {
    const environment = new Environment(options);
    await environment.#start();
    return environment;
  }

  private constructor(options: EnvironmentOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Runs one invocation. The environment can take the next invocation once it has called `onIdle`. */
  async invoke(payload: string): Promise<InvocationResult> {
    const { definition, clock } = this.#options;
    try {
      await this.#ready.promise;
    } catch (error) {
      return failure("Runtime.InitError", (error as Error).message);
    }
    const requestId = randomUUID();
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    const timer = setTimeout(() => this.#onTimeout(), definition.timeoutMs);
    this.#current = { requestId, resolve, timer };
    this.#process.signal("SIGCONT");
    this.#api.send({
      requestId,
      payload,
      deadlineMs: Date.now() + (clock?.offsetMs() ?? 0) + definition.timeoutMs,
      functionArn: definition.arn,
    });
    return promise;
  }

  /** Stops the process in mid-invocation. Call the result to continue the process. */
  pause(): () => void {
    const paused = this.#current;
    if (!paused) return () => {};
    this.#process.signal("SIGSTOP");
    return () => {
      if (this.#current === paused) this.#process.signal("SIGCONT");
    };
  }

  /** Kills the process, frozen or not, and waits until it has ended. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    await this.#process.kill();
  }

  async #start(): Promise<void> {
    this.#api = await startRuntimeApi({
      onNext: () => this.#onNext(),
      onResponse: (requestId, payload) => this.#onResult(requestId, "returned", payload),
      onError: (requestId, payload) => this.#onResult(requestId, "failed", payload),
      onInitError: (payload) => this.#failInit(payload),
    });
    try {
      this.#process = await this.#spawn();
    } catch (error) {
      this.#api.close();
      this.#options.onInitFailure(`${this.id} could not be started: ${(error as Error).message}`);
      throw error;
    }
    const initTimer = setTimeout(() => {
      this.#failInit(`it did not finish loading within ${INIT_TIMEOUT_MS} ms`);
      this.#process.signal("SIGKILL");
    }, INIT_TIMEOUT_MS);
    const stopTimer = () => clearTimeout(initTimer);
    this.#ready.promise.then(stopTimer, stopTimer);
    void this.#process.exited.then(({ code, signal }) =>
      this.#onExit(signal ? `signal: ${signal}` : `exit status ${code}`),
    );
  }

  #spawn(): Promise<GuardedProcess> {
    const { definition, runner, clock, id, ...endpoints } = this.#options;
    return spawnGuarded(process.execPath, [...(clock?.nodeArguments ?? []), runner.entry], {
      cwd: definition.codeFolder,
      env: environmentVariables(definition, {
        AWS_LAMBDA_RUNTIME_API: this.#api.address,
        AWS_LAMBDA_LOG_STREAM_NAME: id,
        AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDbEndpoint,
        AWS_ENDPOINT_URL_LAMBDA: endpoints.lambdaEndpoint,
        AWS_ENDPOINT_URL_SQS: endpoints.sqsEndpoint,
      }),
      onLine: (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > KEPT_LOG_LINES) this.#lastLines.shift();
        this.#options.onLog(line);
      },
    });
  }

  #onNext(): void {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#ready.resolve();
      return;
    }
    this.#finish(failure("Runtime.NoResponse", "the runtime asked for the next invocation"));
    this.#process.signal("SIGSTOP");
    this.#options.onIdle(this);
  }

  #onResult(requestId: string, outcome: InvocationResult["outcome"], payload: string): void {
    // The caller has the result now; the invocation goes on until the runtime asks for the next one.
    if (requestId === this.#current?.requestId) this.#current.resolve({ outcome, payload });
  }

  #onTimeout(): void {
    const seconds = (this.#options.definition.timeoutMs / 1000).toFixed(2);
    this.#current?.resolve(failure("Sandbox.Timedout", `Task timed out after ${seconds} seconds`));
    this.#process.signal("SIGKILL");
  }

  #onExit(how: string): void {
    if (!this.#isReady) this.#failInit(`its process ended with ${how}`);
    this.#finish(failure("Runtime.ExitError", `Runtime exited with error: ${how}`));
    this.#api.close();
    this.#options.onEnd(this);
  }

  #finish(result: InvocationResult): void {
    clearTimeout(this.#current?.timer);
    this.#current?.resolve(result);
    this.#current = undefined;
  }

  #failInit(reason: string): void {
    if (this.#isReady) return;
    this.#isReady = true;
    const description = `${this.id} could not be loaded: ${reason}`;
    if (!this.#isKilled) {
      this.#options.onInitFailure([description, ...this.#lastLines].join("\n"));
    }
    this.#ready.reject(new Error(description));
  }
}

type CurrentInvocation = {
  requestId: string;
  resolve(result: InvocationResult): void;
  timer: NodeJS.Timeout;
};

function failure(errorType: string, errorMessage: string): InvocationResult {
  return { outcome: "failed", payload: JSON.stringify({ errorType, errorMessage }) };
}
