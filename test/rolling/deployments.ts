import type { IdempotencyOptions, WithIdempotency } from "../../lib/index.ts";
import type { Observation } from "../../lib/observe.ts";
import { type Accounts, openAccounts } from "../invocation/commits/accounts.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import { injectFaults } from "../support/faults.ts";
import type { Answer, TestContext } from "../support/service.ts";
import { clientOf, createTable } from "../support/table.ts";
import { loadVersions, type Package, type Version } from "./versions.ts";

/** The work of a handler. `kill` ends its process: nothing that it sends arrives from then on. */
export type Work = (run: {
  readonly context: WithIdempotency<TestContext>;
  readonly kill: () => never;
}) => unknown;

/** A function of one version and configuration, among others on the same table. */
export interface Deployment {
  /**
   * Sends a request to a new process of the function.
   *
   * @param functionName the name under which the function is deployed.
   */
  readonly call: (event: unknown, functionName?: string) => Promise<Answer>;
  /** The number of runs of the handler. */
  readonly runs: () => number;
  readonly observed: readonly Observation[];
}

/** One table and one clock, on which functions of several versions are deployed. */
export interface Deployments extends Accounts {
  readonly clock: ManualClock;
  readonly recordsTable: string;
  readonly deploy: (
    version: Version,
    work: Work,
    configure?: (released: Package) => Partial<IdempotencyOptions<unknown, TestContext>>,
  ) => Deployment;
}

/** The reply of a gateway in front of a function that has failed or died. */
export const GATEWAY_ERROR: Answer = { statusCode: 502 };

/** Opens accounts and a table of records, with nothing deployed yet. */
export async function openDeployments(engine: { endpoint: string }): Promise<Deployments> {
  const versions = await loadVersions();
  const clock = manualClock();
  const { requestHandler: connections } = clientOf(engine).config;
  const accounts = await openAccounts(clientOf(engine));
  const recordsTable = await createTable(clientOf(engine));
  return {
    ...accounts,
    clock,
    recordsTable,
    deploy(version, work, configure = () => ({})) {
      const released = versions[version];
      const observed: Observation[] = [];
      let runs = 0;
      async function call(event: unknown, functionName = "payments"): Promise<Answer> {
        let isDead = false;
        // A process of its own, but not its own connections: to open them takes the most time.
        const client = clientOf(engine, 1, connections);
        injectFaults(client, () => (isDead ? "lost-request" : "none"));
        const kill = () => {
          isDead = true;
          throw new Error("the process dies");
        };
        const handler = released.idempotent(
          (_event: unknown, context: WithIdempotency<TestContext>) => {
            runs += 1;
            return work({ context, kill });
          },
          {
            store: released.dynamoDbStore({ tableName: recordsTable, client }),
            singleTenant: true,
            clock,
            observe: (observation: Observation) => observed.push(observation),
            ...configure(released),
          } as IdempotencyOptions<unknown, TestContext>,
        );
        const context = { functionName, getRemainingTimeInMillis: () => 10_000 };
        return handler(event, context).catch(() => GATEWAY_ERROR) as Promise<Answer>;
      }
      return { call, runs: () => runs, observed };
    },
  };
}

/** A gate at which an execution sleeps until a test wakes it. */
export function createGate() {
  let arrive = () => {};
  let wake = () => {};
  const isReached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return {
    isReached,
    wake: () => wake(),
    sleep: () => {
      arrive();
      return woken;
    },
  };
}
