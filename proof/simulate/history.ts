import type { PlantedFault } from "../planted-faults.ts";
import { inMemoryDynamoDb } from "./dynamodb/engine.ts";
import type { Item } from "./dynamodb/operand.ts";
import { type Environment, environmentOf } from "./environment.ts";
import type { Execution } from "./execution.ts";
import { FAILURE, type Premises } from "./handler.ts";
import { decisionIn, judgeOf, type Reply } from "./judge.ts";
import type { Network } from "./network.ts";
import type { Plan, RequestPlan } from "./plan.ts";
import { RECORDS } from "./tables.ts";
import { worldOf } from "./world.ts";

/** 2026-11-22T00:00:00Z. */
const START_MS = Date.UTC(2026, 10, 22);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longer than any answer is kept, whatever the clocks say. */
const DAY_MS = 27 * HOUR_MS;

/** Longer than any lease, whatever the clocks say. */
const REST_MS = 3 * HOUR_MS;

/** Errors of the function: what its handler throws, and what it is told if it denies its own steps. */
const EXPECTED = new Set([FAILURE, "IdempotencyStepError"]);

/** How `play` may differ. */
export interface Telling {
  /** The safeguard that is taken away. */
  readonly without?: PlantedFault | undefined;
  /** Gets a line for everything that happens. */
  readonly story?: string[];
  /** Told what the layer has done. */
  readonly count?: (what: string) => void;
}

/**
 * Lets a history happen.
 *
 * @returns the promise that was broken, in words; `undefined` if all were kept.
 */
export async function play(
  plan: Plan,
  { without, story, count = () => {} }: Telling = {},
): Promise<string | undefined> {
  const world = worldOf(START_MS, story);
  const judge = judgeOf(world);
  const engine = inMemoryDynamoDb(world.now);
  const { service } = plan;
  const premises: Premises = { work: service.work, world, judge, bank: new Map() };
  const network: Network = {
    world,
    engine,
    onChanges: (actor, changes) => judge.changed(actor as Execution, changes),
    without,
  };
  let uuids = 0;
  const randomUUID = () => {
    uuids += 1;
    return `${(Math.imul(uuids, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}-${uuids}`;
  };
  const environments = [...plan.skewsMs, 0].map((skewMs) =>
    environmentOf(service, skewMs, { network, premises, randomUUID, count }),
  );
  let isOver = false;

  for (const [index, request] of plan.requests.entries()) {
    const name = `request ${index + 1}`;
    world.later({ order: index, fates: ["lost", "twice"] }, ({ fate, steps }) => {
      if (fate === "lost") {
        world.tell(() => `${name} is lost`);
        return undefined;
      }
      if (fate === "twice") {
        world.later({ order: index, fates: [], steps }, () =>
          execute(`${name} (again)`, index, request),
        );
      }
      return execute(name, index, request);
    });
  }
  await world.run(plan.turns, passTime);

  // All faults have ended.
  isOver = true;
  world.pass(REST_MS);
  for (const tenant of ["alice", "bob"] as const) {
    const first = plan.requests.find((request) => request.tenant === tenant);
    if (first === undefined) continue;
    for (const nth of ["last", "very last"]) {
      const amount = judge.amountOf(tenant) ?? first.amount;
      const request: RequestPlan = { ...first, amount, fortune: "pays", environment: 2 };
      world.later({ order: 0, fates: [] }, () => execute(`${tenant}'s ${nth} request`, 0, request));
      await world.run([], () => {});
    }
  }
  judge.ended(engine.items(RECORDS), service.work);
  world.end();
  return judge.violation();

  async function execute(name: string, order: number, request: RequestPlan): Promise<void> {
    const { tenant, amount, environment, fortune } = request;
    const endedBefore = judge.endedOf(tenant);
    const execution: Execution = { name, order, request, endedBefore, mustKeepKey: false };
    world.tell(
      () =>
        `${name}: ${tenant} pays ${amount}; environment ${environment + 1}; its handler ${fortune}`,
    );
    judge.began(execution);
    const untilMs = world.now() + 29_000;
    await world.begin(execution, async () => {
      const reply = await invoke(environments[environment] as Environment, execution);
      world.later({ order, fates: ["lost"] }, ({ fate }) => {
        const isHeard = fate === "happens" && world.now() <= untilMs;
        world.tell(
          () =>
            `${name} ${isHeard ? "is answered" : "would have been answered"}: ${wordsOf(reply)}`,
        );
        if (isHeard) judge.heard(execution, reply);
        if (isOver) checkLast(name, reply);
      });
    });
  }

  function checkLast(name: string, reply: Reply): void {
    const isRefusedForEver = service.profile === "gluwa" && reply.statusCode === 409;
    if (decisionIn(reply) !== undefined || isRefusedForEver) return;
    judge.objects(`${name} got no answer that counts, but ${wordsOf(reply)}`);
  }

  function passTime(which: number): void {
    const clock = environments[which % 2] as Environment;
    const clocks = [6 * MINUTE_MS, -6 * MINUTE_MS];
    if (which < 8) {
      pass([40_000, 40_000, 12_000, 16 * MINUTE_MS][which % 4] as number);
      return;
    }
    if (which < 12) {
      const jumpMs = clocks[which % 2] as number;
      world.tell(() => `the clock of environment ${(which % 2) + 1} jumps by ${jumpMs / 1000} s`);
      clock.skewMs += jumpMs;
      return;
    }
    const isAssumed =
      !world.isAnythingOnTheWay() && (service.mode === "claim" || !world.isAnybodyAtWork());
    if (!isAssumed) return;
    if (which < 14) {
      pass(DAY_MS);
      for (const [id, item] of engine.items(RECORDS)) {
        if (isDue(item, world.now())) judge.expired(id);
      }
      return;
    }
    pass(2 * HOUR_MS);
    for (const [id, item] of [...engine.items(RECORDS)]) {
      const isDeleted = service.remembers ? isDue(item, world.now()) : item.expiresAt !== undefined;
      if (!isDeleted) continue;
      world.tell(() => "TTL deletes a record");
      engine.remove(RECORDS, id);
      judge.expired(id);
    }
  }

  function pass(durationMs: number): void {
    world.pass(durationMs);
    world.tell(() => `${durationMs / 1000} s pass`);
  }

  async function invoke(environment: Environment, execution: Execution): Promise<Reply> {
    try {
      return await environment.invoke(execution);
    } catch (error) {
      const { name, message } = error as Error;
      if (!EXPECTED.has(name))
        judge.objects(`${execution.name} has failed with ${name}: ${message}`);
      return { statusCode: 500, body: message };
    }
  }
}

function isDue({ expiresAt }: Item, nowMs: number): boolean {
  return expiresAt?.N !== undefined && Number(expiresAt.N) * 1_000 <= nowMs;
}

/** Of a refusal its code is enough. */
function wordsOf({ statusCode, body }: Reply): string {
  const code = /"(?:code|Code|id)":"(\w+)"/.exec(body)?.[1];
  return `${statusCode} ${code ?? body}`;
}
