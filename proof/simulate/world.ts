import type { Turn } from "./plan.ts";
import type { Actor, Event, Fate, Thing } from "./thing.ts";

/**
 * Time, and the order in which things happen. Nothing happens by itself: one thing at a time does,
 * and whoever has waited for it goes on until it waits again, or ends.
 */
export interface World {
  /** Epoch milliseconds. */
  now(): number;
  pass(durationMs: number): void;
  /** Whose code is running. */
  current(): Actor;
  /** The actor that is running waits for a thing. */
  wait(thing: Omit<Thing, "order">): Promise<Event>;
  /** The actor that is running waits until somebody else wakes it. */
  sleep(): { readonly end: Promise<void>; readonly wake: () => void };
  /** Lets a thing happen for which nobody waits. */
  later(thing: Thing, happen: (event: Event) => void | Promise<void>): void;
  /** Runs the code of a new actor until it waits or ends. */
  begin(actor: Actor, code: () => Promise<void>): Promise<void>;
  /** Lets everything happen, until nothing is left. */
  run(turns: readonly Turn[], intervene: (turn: Turn) => void): Promise<void>;
  /** Whether anything may still arrive at DynamoDB that was sent before. */
  isAnythingOnTheWay(): boolean;
  /** Whether anybody has begun, and has neither ended nor been killed. */
  isAnybodyAtWork(): boolean;
  /** Lets go of whoever was killed, so that nothing is left of them in this process. */
  end(): void;
  /** Tells what has happened. */
  tell(line: () => string): void;
  /** Tells the last thing: what comes after it does not matter. */
  conclude(line: () => string): void;
}

interface Task extends Thing {
  /** Who waits for it. */
  readonly actor?: Actor;
  readonly happen: (event: Event) => void | Promise<void>;
  heldUntilStep: number;
}

/** Every thing takes a moment. */
const MOMENT_MS = 5;

/** Longer than a lease. */
const STALL_MS = 40_000;

const HAPPENS: Event = { fate: "happens", steps: 0, isForGood: false };

/** @param story gets a line for everything that happens; without it nothing is told. */
export function worldOf(startMs: number, story?: string[]): World {
  let nowMs = startMs;
  let step = 0;
  const tasks: Task[] = [];
  let running: { readonly actor: Actor; readonly stops: () => void } | undefined;
  let isOver = false;
  let isConcluded = false;
  const killed: (() => void)[] = [];

  const world: World = {
    now: () => nowMs,
    pass(durationMs) {
      nowMs += durationMs;
    },
    current() {
      if (running === undefined) throw new Error("Nobody is running.");
      return running.actor;
    },
    wait(thing) {
      const actor = world.current();
      return new Promise((resolve, reject) => {
        const end = () => reject(new Error("The history is over."));
        if (isOver) end();
        later({ ...thing, order: actor.order, actor }, (event) => {
          if (event.fate !== "killed") return goOn(actor, () => resolve(event));
          world.tell(() => `${actor.name} is killed`);
          killed.push(end);
          return undefined;
        });
        stop(actor);
      });
    },
    sleep() {
      const actor = world.current();
      const { promise, resolve } = Promise.withResolvers<void>();
      stop(actor);
      const wake = () => later({ order: actor.order, fates: [] }, () => goOn(actor, resolve));
      return { end: promise, wake };
    },
    later,
    begin: (actor, code) =>
      goOn(actor, () => {
        code().finally(() => stop(actor));
      }),
    async run(turns, intervene) {
      const inOrder = [...turns].sort((one, other) => one.at - other.at);
      let next = 0;
      for (; tasks.length > 0; step += 1) {
        let fault: number | undefined;
        for (; (inOrder[next]?.at ?? Number.POSITIVE_INFINITY) <= step; next += 1) {
          const turn = inOrder[next] as Turn;
          if (turn.what === "fault") fault = turn.which;
          else if (turn.what !== "hold" && turn.what !== "stall") intervene(turn);
          else hold(turn);
        }
        const task = upNext();
        tasks.splice(tasks.indexOf(task), 1);
        nowMs += MOMENT_MS;
        await task.happen(eventOf(task, fault));
      }
    },
    isAnythingOnTheWay: () => tasks.some(({ isOnTheWay }) => isOnTheWay),
    isAnybodyAtWork: () => tasks.some(({ actor }) => actor !== undefined),
    end() {
      isOver = true;
      isConcluded = true;
      for (const end of killed) end();
    },
    tell(line) {
      if (isConcluded) return;
      story?.push(`${((nowMs - startMs) / 1000).toFixed(3).padStart(10)} s  ${line()}`);
    },
    conclude(line) {
      world.tell(line);
      isConcluded = true;
    },
  };
  return world;

  function later(thing: Thing & { readonly actor?: Actor }, happen: Task["happen"]): void {
    tasks.push({ ...thing, happen, heldUntilStep: step + (thing.steps ?? 0) });
  }

  function hold({ what, which }: Turn): void {
    const task = upNext();
    task.heldUntilStep = step + 1 + which;
    if (what !== "stall") return;
    nowMs += STALL_MS;
    world.tell(() => `${task.actor?.name ?? "what comes next"} stalls for ${STALL_MS / 1_000} s`);
  }

  function goOn(actor: Actor, go: () => void): Promise<void> {
    return new Promise((stops) => {
      running = { actor, stops };
      go();
      // One of several things may be done without another wait: all is quiet after a turn, then.
      if (actor.isManifold) setImmediate(stops);
    });
  }

  /**
   * An actor with several strands has not stopped when one of them waits or ends: the next actor
   * would begin beside the others, and its requests would be taken for another actor's.
   */
  function stop(actor: Actor): void {
    if (!actor.isManifold) running?.stops();
  }

  /** What is not held back comes first, then what is released first. */
  function upNext(): Task {
    return tasks.reduce((best, task) => {
      const [one, other] = [best, task].map(({ heldUntilStep }) => Math.max(heldUntilStep, step));
      const isEarlier =
        one === other ? task.order < best.order : (other as number) < (one as number);
      return isEarlier ? task : best;
    });
  }
}

function eventOf({ fates }: Thing, fault: number | undefined): Event {
  if (fault === undefined || fates.length === 0) return HAPPENS;
  const fate = fates[fault % fates.length] as Fate;
  return { fate, steps: fault, isForGood: fault % 2 === 1 };
}
