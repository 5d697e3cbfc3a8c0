import type { FunctionDefinition } from "./definition.ts";
import { Environment, type EnvironmentOptions, type InvocationResult } from "./environment.ts";

export type FunctionPoolOptions = {
  definition: FunctionDefinition;
  /** The most environments at once; further invocations wait. */
  maxEnvironments: number;
  /** The options of an environment that do not follow from the pool. */
  environmentOptions(
    environmentId: string,
  ): Omit<EnvironmentOptions, "id" | "definition" | "onIdle" | "onEnd">;
};

/** One function with its execution environments: reused when idle, added when all are busy. */
export class FunctionPool {
  readonly definition: FunctionDefinition;
  readonly #options: FunctionPoolOptions;
  readonly #environments = new Set<Environment>();
  readonly #idle: Environment[] = [];
  readonly #waiting: ((environment: Environment | Promise<Environment>) => void)[] = [];
  #isClosed = false;
  #startedCount = 0;
  #openCount = 0;

  constructor(options: FunctionPoolOptions) {
    this.definition = options.definition;
    this.#options = options;
  }

  /** The environments that have a process now. */
  get environments(): Environment[] {
    return [...this.#environments];
  }

  /** Invokes the function with an event in JSON. A failure of the function is a result, not a rejection. */
  async invoke(payload: string): Promise<InvocationResult & { environmentId: string }> {
    const environment = await this.#acquire();
    return { ...(await environment.invoke(payload)), environmentId: environment.id };
  }

  /** Kills all environments, and rejects the invocations that wait for one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const give of this.#waiting.splice(0)) give(this.#start());
    await Promise.all(this.environments.map((environment) => environment.kill()));
  }

  async #acquire(): Promise<Environment> {
    // The environment that became idle last: the others can stay frozen, as on Lambda.
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#openCount < this.#options.maxEnvironments) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #start(): Promise<Environment> {
    if (this.#isClosed) throw new Error(`${this.definition.logicalId} is shut down.`);
    this.#openCount += 1;
    this.#startedCount += 1;
    const id = `${this.definition.logicalId}-${this.#startedCount}`;
    try {
      const environment = await Environment.start({
        ...this.#options.environmentOptions(id),
        id,
        definition: this.definition,
        onIdle: (idle) => this.#onIdle(idle),
        onEnd: (ended) => this.#onEnd(ended),
      });
      this.#environments.add(environment);
      // The pool was closed while the process started.
      if (this.#isClosed) await environment.kill();
      return environment;
    } catch (error) {
      this.#openCount -= 1;
      throw error;
    }
  }

  #onIdle(environment: Environment): void {
    const give = this.#waiting.shift();
    if (give) give(environment);
    else this.#idle.push(environment);
  }

  #onEnd(environment: Environment): void {
    this.#environments.delete(environment);
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#openCount -= 1;
    this.#waiting.shift()?.(this.#start());
  }
}
