import {
  type IdempotencyOptions,
  idempotent,
  memoryStore,
  type WithIdempotency,
} from "../../lib/index.ts";
import type { Observation } from "../../lib/observe.ts";
import { type ManualClock, manualClock } from "./clock.ts";

export interface TestContext {
  readonly getRemainingTimeInMillis?: () => number;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The work of a test's handler, which receives the number of runs, its own included. */
export type Behaviour = (run: {
  readonly count: number;
  readonly context: WithIdempotency<TestContext>;
}) => unknown;

/** A wrapped handler on an injected clock, with its parts for a test to inspect. */
export interface Service {
  readonly clock: ManualClock;
  readonly observed: Observation[];
  /** The number of runs of the handler. */
  readonly runs: () => number;
  readonly call: (event: unknown, context?: TestContext) => Promise<Answer>;
}

export function serviceOf(
  behaviour: Behaviour,
  options: Partial<IdempotencyOptions<unknown, TestContext>> = {},
): Service {
  const clock = manualClock();
  const observed: Observation[] = [];
  let count = 0;
  const handler = idempotent(
    (_event: unknown, context: WithIdempotency<TestContext>) => {
      count += 1;
      return behaviour({ count, context });
    },
    {
      store: memoryStore(),
      singleTenant: true,
      clock,
      observe: (observation) => observed.push(observation),
      ...options,
    } as IdempotencyOptions<unknown, TestContext>,
  );
  return {
    clock,
    observed,
    runs: () => count,
    call: (event, context = { getRemainingTimeInMillis: () => 10_000 }) =>
      handler(event, { ...context }) as Promise<Answer>,
  };
}

/** A handler that creates a transfer with each run. */
export const createTransfer: Behaviour = ({ count }) => ({
  statusCode: 201,
  headers: { location: `/transfers/${count}` },
  body: `{"run":${count}}`,
});

/** The error member of a problem+json response. */
export function problemOf(answer: Answer): { code: string; message: string; status: number } {
  return JSON.parse(answer.body ?? "{}").error;
}
