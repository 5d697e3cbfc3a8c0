import { inMemoryDynamoDb } from "../../local/engine/in-memory/database.ts";
import type { PlantedFault } from "../kit/planted-faults.ts";
import { askOnceMore, sendAll } from "./clients.ts";
import { completerOf } from "./completer.ts";
import { environmentOf } from "./environment.ts";
import { judgeOf } from "./judge.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { createTables, RECORDS } from "./tables.ts";
import { HOUR_MS, passTime, type Stage } from "./time.ts";
import { worldOf } from "./world.ts";

/** 2026-11-22T00:00:00Z. */
const START_MS = Date.UTC(2026, 10, 22);

/** Longer than any lease, whatever the clocks say. */
const REST_MS = 3 * HOUR_MS;

/** How a history is played. */
export interface Telling {
  /** The safeguard that is taken away. */
  readonly without?: PlantedFault | undefined;
  /** Gets a line for everything that happens. */
  readonly story?: string[];
  /** Told what the layer has done. */
  readonly count?: (what: string) => void;
}

/**
 * Lets a history happen: the requests, with what goes wrong; then, when all faults have ended, the
 * last retries.
 *
 * @returns the first promise that was broken, in words; `undefined` if all were kept.
 * @throws if DynamoDB could never carry out a request that was sent: that would prove nothing.
 */
export async function play(
  { service, skewsMs, requests, turns }: Plan,
  { without, story, count = () => {} }: Telling = {},
): Promise<string | undefined> {
  const world = worldOf(START_MS, story);
  const judge = judgeOf(world);
  const engine = inMemoryDynamoDb(world.now);
  createTables(engine);
  let invalid: string | undefined;
  let isOver = false;
  const network: Network = {
    world,
    engine,
    without,
    onChanges: judge.changed,
    onInvalid: (message) => {
      invalid ??= message;
    },
  };
  const premises = { work: service.work, world, judge, bank: new Map<string, string>() };
  const surroundings = { network, premises, randomUUID: uuids(), count: countUntilTheEnd };
  const environments = [...skewsMs, 0].map((skewMs) =>
    environmentOf(service, skewMs, surroundings),
  );
  const stage: Stage = { service, world, engine, judge, environments };
  const comeBy = completerOf(stage, network);

  sendAll(stage, requests);
  await world.run(turns, ({ what, which }) => {
    if (what === "time") passTime(stage, which);
    else comeBy(which % requests.length);
  });
  world.pass(REST_MS);
  world.tell(() => "all faults have ended");
  await askOnceMore(stage, requests, environments.length - 1);
  judge.ended(engine.items(RECORDS), service.work);
  isOver = true;
  world.end();
  if (invalid !== undefined) throw new Error(`A request is invalid: ${invalid}`);
  return judge.violation();

  /** Whoever was killed does nothing any more, although its code is let go. */
  function countUntilTheEnd(what: string): void {
    if (!isOver) count(what);
  }
}

/** Unique, and the same in every play; the first 8 digits are spread, because jitter is made of them. */
function uuids(): () => string {
  let made = 0;
  return () => {
    made += 1;
    return `${(Math.imul(made, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}-${made}`;
  };
}
