import {
  type FunctionOptions,
  idempotentFunction,
  memoryStore,
  type WithFunctionIdempotency,
} from "../../lib/index.ts";
import type { Observation } from "../../lib/observe.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import type { TestContext } from "../support/service.ts";

/** The input of the functions in these tests. */
export interface Order {
  readonly id?: unknown;
  readonly amount?: unknown;
}

/** A wrapped function on an injected clock, with its parts for a test to inspect. */
export interface TestFunction {
  readonly clock: ManualClock;
  readonly observed: Observation[];
  /** The number of runs of the function. */
  readonly runs: () => number;
  readonly call: (order: Order, context?: TestContext) => Promise<unknown>;
}

/** The work of a test's function, which gets the number of runs, its own included. */
export type Work = (run: {
  readonly count: number;
  readonly order: Order;
  readonly context: WithFunctionIdempotency<TestContext>;
}) => unknown;

/** Wraps a function that is keyed by the id of its order. */
export function functionOf(
  work: Work,
  options: Partial<FunctionOptions<Order, TestContext>> = {},
): TestFunction {
  const clock = manualClock();
  const observed: Observation[] = [];
  let count = 0;
  const call = idempotentFunction(
    async (order: Order, context: WithFunctionIdempotency<TestContext>) => {
      count += 1;
      return work({ count, order, context });
    },
    {
      store: memoryStore(),
      name: "pay order",
      singleTenant: true,
      key: (order) => order.id,
      clock,
      observe: (observation) => observed.push(observation),
      ...options,
    } as FunctionOptions<Order, TestContext>,
  );
  return {
    clock,
    observed,
    runs: () => count,
    call: (order, context = { getRemainingTimeInMillis: () => 10_000 }) => call(order, context),
  };
}
