import { inMemoryDynamoDb } from "../../lib/testing/engine/database.ts";
import type { AnyFault } from "../kit/planted-faults.ts";
import { sendAll, sendLastRequests } from "./clients.ts";
import { createCompleter } from "./completer.ts";
import { createEnvironment } from "./environment.ts";
import { createJudge } from "./judge.ts";
import type { Network } from "./network.ts";
import type { HistoryPlan } from "./plan.ts";
import { createProcesses } from "./processes.ts";
import type { Service } from "./service.ts";
import { createSkewedClock } from "./skewed-clock.ts";
import type { SimulationStage } from "./stage.ts";
import { createTables, RECORDS } from "./tables.ts";
import { HOUR_MS, passTime } from "./time.ts";
import { createWorld } from "./world.ts";

/** 2026-11-22T00:00:00Z. */
const START_MS = Date.UTC(2026, 10, 22);

/** Longer than any lease, on any of the clocks. */
const REST_MS = 3 * HOUR_MS;

/** Options for playing a history. */
export interface PlayOptions {
  /** The safeguard to remove. */
  readonly without?: AnyFault | undefined;
  /** Gets a line for each event. */
  readonly story?: string[];
  /** Called with the name of each observation of the layer. */
  readonly count?: (name: string) => void;
}

/**
 * Plays a history: the requests, with their faults; then, after all faults have ended, the last
 * retries.
 *
 * @returns the first broken promise, in words; `undefined` if all were kept.
 * @throws if a request was invalid for DynamoDB: such a history proves nothing.
 */
export async function play(
  { service, next, skewsMs, requests, turns }: HistoryPlan,
  { without, story, count = () => {} }: PlayOptions = {},
): Promise<string | undefined> {
  const world = createWorld(START_MS, story);
  const judge = createJudge(world);
  const engine = inMemoryDynamoDb(world.now);
  createTables(engine);
  let invalid: string | undefined;
  let isOver = false;
  const network: Network = {
    world,
    engine,
    without,
    onChanges: judge.checkChanges,
    onInvalid: (message) => {
      invalid ??= message;
    },
  };
  const tools = { world, judge, bank: new Map<string, string>() };
  const parts = { network, tools, first: service, randomUUID: createUuids() };
  const environmentTools = { ...parts, count: countUntilTheEnd };
  const pairs = [...skewsMs, 0].map((skewMs) => {
    const clock = createSkewedClock(skewMs);
    const create = (configuration: Service) =>
      createEnvironment(configuration, clock, environmentTools);
    return [create(service), create({ ...service, ...next })] as const;
  });
  const processes = createProcesses(world, pairs);
  const stage: SimulationStage = { world, engine, judge, environments: pairs.length, ...processes };
  const runCompleter = createCompleter(stage, network);

  sendAll(stage, requests);
  await world.run(turns, ({ kind, choice }) => {
    if (kind === "time") passTime(stage, choice);
    else if (kind === "deploy") stage.deploy(choice);
    else runCompleter(choice % requests.length);
  });
  world.pass(REST_MS);
  world.tell(() => "all faults have ended");
  await sendLastRequests(stage, requests);
  judge.checkEnd(engine.items(RECORDS), service.work);
  isOver = true;
  world.end();
  if (invalid !== undefined)
    throw new Error(
      `The history proves nothing, because DynamoDB refuses a request as invalid: ${invalid}`,
    );
  return judge.violation();

  /** Ignores observations of killed executions: their code runs to its end after the history. */
  function countUntilTheEnd(name: string): void {
    if (!isOver) count(name);
  }
}

/** Unique ids, the same in every play. Their first 8 digits are spread, because jitter is made of them. */
function createUuids(): () => string {
  let made = 0;
  return () => {
    made += 1;
    return `${(Math.imul(made, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}-${made}`;
  };
}
