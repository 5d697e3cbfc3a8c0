import type { Call, CallResult } from "./function-pool.ts";
import type { Lane, Settle } from "./lane.ts";
import { normalizeStory } from "./normalize.ts";
import type { Story } from "./rules.ts";
import type { Scenario } from "./scenario.ts";

/** The death of an attempt's process. */
export type Death =
  /** At a point of the code, named by `hits.ts`. */
  | { readonly at: "point"; readonly point: string }
  /**
   * While its request to DynamoDB is on the way. The request arrives just before the same request of
   * the retry, or after all retries.
   */
  | {
      readonly at: "request";
      readonly index: number;
      readonly arrives: "during the retry" | "after the retries";
    };

/** The result of playing a scenario. */
export interface PlayResult {
  readonly story: Story;
  /** The result of the attempt. */
  readonly attempt: CallResult;
}

/** Longer than any lease in a scenario, and than the completer's pause between attempts. */
const PAUSE_MS = 10 * 60_000;
const MOST_RETRIES = 4;

/**
 * Plays a scenario: the attempt, the client's retries until it has a final response, one more retry,
 * and the scenario's calls afterwards.
 *
 * @param death `undefined` = uninterrupted.
 */
export async function play(lane: Lane, scenario: Scenario, death?: Death): Promise<PlayResult> {
  await lane.reset();
  const prepared = (await scenario.prepare?.(lane)) ?? "";
  const call = scenario.call(lane, prepared);
  const isFinal = scenario.isFinal ?? isFinalByDefault;

  const stop = scenario.disturb?.(lane);
  const { result, settle } = await attempt(lane, call, death);
  stop?.();

  lane.clock.advance(PAUSE_MS);
  const stranger = scenario.stranger && (await callAsStranger(lane, scenario.stranger()));
  const stopLate =
    death?.at === "request" && death.arrives === "during the retry"
      ? lane.beforeRequest(death.index, async () => settle?.("arrives"))
      : undefined;
  let last = result;
  for (let retries = 0; retries < MOST_RETRIES; retries += 1) {
    if (last.kind !== "died" && isFinal(last)) break;
    last = await lane.call(call);
    lane.clock.advance(PAUSE_MS);
  }
  stopLate?.();
  await settle?.("arrives");
  const again = await lane.call(call);
  const afterwards: CallResult[] = [];
  for (const next of scenario.afterwards ?? []) afterwards.push(await lane.call(next(lane)));
  const books = await lane.books();
  const seen = { stranger, last, again, afterwards, ...books };
  return { story: normalizeStory(seen, scenario), attempt: result };
}

function attempt(
  lane: Lane,
  call: Call,
  death: Death | undefined,
): Promise<{ readonly result: CallResult; readonly settle?: Settle }> {
  return death?.at === "request"
    ? lane.killAtRequest(call, (_, index) => index === death.index)
    : lane.call(call, death?.point).then((result) => ({ result }));
}

async function callAsStranger(lane: Lane, call: Call) {
  const { records } = await lane.books();
  return { result: await lane.call(call), foundRecord: records.length > 0 };
}

const TRY_AGAIN = [409, 425, 429];

function isFinalByDefault(result: CallResult): boolean {
  if (result.kind !== "returned") return false;
  const { statusCode = 200 } = Object(result.response) as { statusCode?: number };
  return statusCode < 500 && !TRY_AGAIN.includes(statusCode);
}
