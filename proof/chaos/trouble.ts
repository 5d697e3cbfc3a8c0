import { setTimeout as delay } from "node:timers/promises";
import type { Cloud } from "../../local/cloud.ts";
import type { RequestVerdict, TapRequest } from "../../local/tap.ts";
import type { Random } from "../kit/random.ts";
import type { Chances } from "./chances.ts";
import { type Diary, describeVerdict } from "./diary.ts";
import { disturb, isCompletion, LATEST_MS } from "./faults.ts";

/** The numbers of kills, stops and faults of a run. */
export interface TroubleCounts {
  readonly kills: number;
  readonly stops: number;
  readonly faults: number;
}

/** Disturbs functions, and their requests to DynamoDB. */
export interface Trouble {
  counts(): TroubleCounts;
  /** Ends the trouble, and waits until no disturbed request is on its way. */
  end(): Promise<void>;
}

/** The functions of the sample that write records; trouble in the others says nothing about keys. */
const WRITERS = /^(Create|Completer)/;
const STRIKE_EVERY_MS = 700;

/** The length of time for which the table throttles completions. */
const THROTTLED_MS = 1_000;

/**
 * Makes trouble until `end` is called.
 *
 * @param targets the ids of the functions to disturb.
 */
export function makeTrouble(
  { tap, functions }: Pick<Cloud, "tap" | "functions">,
  random: Random,
  chances: Chances,
  diary: Diary,
  targets = WRITERS,
): Trouble {
  const counts = { kills: 0, stops: 0, faults: 0 };
  const paused = new Set<() => void>();
  let throttledUntilMs = 0;

  const undo = [
    tap.onRequest(async (request) => {
      if (!isTarget(request)) return "forward";
      const verdict = await onRequest(request);
      diary.note(request, describeVerdict(verdict));
      return verdict;
    }),
    tap.onAnswer(async (request, { status }) => {
      if (!isTarget(request)) return "pass";
      diary.note(request, `the engine returns ${status}`);
      if (random.chance(chances.stop)) stop(request);
      if (!random.chance(chances.kill)) return "pass";
      await kill(request);
      return "drop";
    }),
    functions.onAnswer(async ({ logicalId, environmentId }) => {
      if (!targets.test(logicalId) || !random.chance(chances.lostResponse)) return "pass";
      if (random.chance(0.5)) await kill({ environmentId });
      else counts.faults += 1;
      return "drop";
    }),
  ];
  const strikes = setInterval(() => {
    if (random.chance(chances.throttledCompletions)) {
      throttledUntilMs = performance.now() + THROTTLED_MS;
    }
    const busy = functions
      .list()
      .filter(({ logicalId, isBusy }) => isBusy && targets.test(logicalId));
    const [first, ...others] = busy;
    if (first === undefined || !random.chance(0.5)) return;
    const struck = random.pick([first, ...others]);
    if (random.chance(0.5)) stop(struck);
    else void kill(struck);
  }, STRIKE_EVERY_MS);

  async function onRequest(request: TapRequest & Target): Promise<RequestVerdict> {
    if (random.chance(chances.stop)) stop(request);
    if (random.chance(chances.kill)) {
      await kill(request);
      // A request of a dead process may arrive, or be lost.
      return random.chance(0.5) ? "drop-request" : "forward";
    }
    if (performance.now() < throttledUntilMs && isCompletion(request)) {
      counts.faults += 1;
      return disturb("throttle", request, random);
    }
    if (!random.chance(chances.fault)) return "forward";
    counts.faults += 1;
    return disturb(random.pick(chances.faults), request, random);
  }

  async function kill({ environmentId }: Target): Promise<void> {
    counts.kills += await functions.kill(environmentId);
  }

  function stop({ environmentId }: Target): void {
    counts.stops += 1;
    const resume = functions.pause(environmentId);
    paused.add(resume);
    setTimeout(
      () => {
        paused.delete(resume);
        resume();
      },
      random.integer(100, 4_000),
    ).unref();
  }

  function isTarget(request: TapRequest): request is TapRequest & Target {
    return request.environmentId !== undefined && targets.test(request.environmentId);
  }

  return {
    counts: () => ({ ...counts }),
    async end() {
      clearInterval(strikes);
      throttledUntilMs = 0;
      for (const one of undo) one();
      for (const resume of paused) resume();
      await delay(LATEST_MS);
      while (functions.list().some(({ logicalId, isBusy }) => isBusy && targets.test(logicalId))) {
        await delay(50);
      }
    },
  };
}

interface Target {
  readonly environmentId: string;
}
