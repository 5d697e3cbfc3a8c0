import type { Actor, EventOutcome, Fate, PendingEvent } from "./pending-event.ts";
import type { Turn } from "./plan.ts";

/**
 * Time, and the order of events. One event happens at a time; the actor that has waited for it goes on
 * until it waits again, or ends.
 */
export interface World {
  /** Epoch milliseconds. */
  now(): number;
  pass(durationMs: number): void;
  /** The actor whose code is running. */
  current(): Actor;
  /** Lets the running actor wait for an event. */
  wait(thing: Omit<PendingEvent, "order">): Promise<EventOutcome>;
  /** Lets the running actor wait until another actor wakes it. */
  sleep(): { readonly end: Promise<void>; readonly wake: () => void };
  /** Schedules an event for which no actor waits. */
  schedule(thing: PendingEvent, happen: (event: EventOutcome) => void | Promise<void>): void;
  /** Runs the code of a new actor until it waits or ends. */
  begin(actor: Actor, code: () => Promise<void>): Promise<void>;
  /** Lets all events happen, until none is left. */
  run(turns: readonly Turn[], intervene: (turn: Turn) => void): Promise<void>;
  /** Rejects the waits of killed actors, so that nothing of them is left in this process. */
  end(): void;
  /** Adds a line to the story. */
  tell(line: () => string): void;
  /** Adds the last line to the story; later lines are ignored. */
  conclude(line: () => string): void;
}

interface Task extends PendingEvent {
  /** The actor that waits for it. */
  readonly actor?: Actor;
  readonly happen: (event: EventOutcome) => void | Promise<void>;
  heldUntilStep: number;
}

/** The duration of every event. */
const MOMENT_MS = 5;

/** Longer than a lease; than the longest lease; than responses are kept. */
const STALLS_MS = [40_000, 40_000, 16 * 60_000, 27 * 60 * 60_000] as const;

const HAPPENS: EventOutcome = { fate: "happens", steps: 0, isForGood: false };

/** @param story gets a line for each event; without it no lines are made. */
export function createWorld(startMs: number, story?: string[]): World {
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
      if (running === undefined) throw new Error("No actor is running.");
      return running.actor;
    },
    wait(thing) {
      const actor = world.current();
      return new Promise((resolve, reject) => {
        const end = () => reject(new Error("The history is over."));
        if (isOver) end();
        schedule({ ...thing, order: actor.order, actor }, (event) => {
          if (event.fate !== "killed") return resume(actor, () => resolve(event));
          world.tell(() => `${actor.name} is killed`);
          actor.isKilled = true;
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
      const wake = () => schedule({ order: actor.order, fates: [] }, () => resume(actor, resolve));
      return { end: promise, wake };
    },
    schedule,
    begin: (actor, code) =>
      resume(actor, () => {
        code().finally(() => stop(actor));
      }),
    async run(turns, intervene) {
      const inOrder = [...turns].sort((one, other) => one.at - other.at);
      let next = 0;
      for (; tasks.length > 0; step += 1) {
        let fault: number | undefined;
        for (; (inOrder[next]?.at ?? Number.POSITIVE_INFINITY) <= step; next += 1) {
          const turn = inOrder[next] as Turn;
          if (turn.kind === "fault") fault = turn.choice;
          else if (turn.kind !== "hold" && turn.kind !== "stall") intervene(turn);
          else hold(turn);
        }
        const task = chooseNext();
        tasks.splice(tasks.indexOf(task), 1);
        nowMs += MOMENT_MS;
        await task.happen(chooseOutcome(task, fault));
      }
    },
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

  function schedule(
    thing: PendingEvent & { readonly actor?: Actor },
    happen: Task["happen"],
  ): void {
    tasks.push({ ...thing, happen, heldUntilStep: step + (thing.steps ?? 0) });
  }

  function hold({ kind, choice }: Turn): void {
    const task = chooseNext();
    task.heldUntilStep = step + 1 + choice;
    if (kind !== "stall") return;
    const stallMs = STALLS_MS[choice % STALLS_MS.length] as number;
    nowMs += stallMs;
    world.tell(() => `${task.actor?.name ?? "the next event"} stalls for ${stallMs / 1_000} s`);
  }

  function resume(actor: Actor, go: () => void): Promise<void> {
    return new Promise((stops) => {
      running = { actor, stops };
      go();
      // A concurrent strand may end without another wait; after one turn of the event loop all have stopped.
      if (actor.isConcurrent) setImmediate(stops);
    });
  }

  /**
   * Ignores a concurrent actor: it has not stopped when one of its strands waits or ends. Otherwise the
   * next actor would begin beside the other strands, and its requests would be taken for this actor's.
   */
  function stop(actor: Actor): void {
    if (!actor.isConcurrent) running?.stops();
  }

  /** Chooses an event that is not held back, or else the event that is released first. */
  function chooseNext(): Task {
    return tasks.reduce((best, task) => {
      const [one, other] = [best, task].map(({ heldUntilStep }) => Math.max(heldUntilStep, step));
      const isEarlier =
        one === other ? task.order < best.order : (other as number) < (one as number);
      return isEarlier ? task : best;
    });
  }
}

function chooseOutcome({ fates }: PendingEvent, fault: number | undefined): EventOutcome {
  if (fault === undefined || fates.length === 0) return HAPPENS;
  const fate = fates[fault % fates.length] as Fate;
  return { fate, steps: fault, isForGood: fault % 2 === 1 };
}
