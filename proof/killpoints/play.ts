import type { Call, CallResult, Lane, Settle } from "./lane.ts";
import { storyOf } from "./normalize.ts";
import type { Scenario, Story } from "./scenario.ts";

/** How the swept attempt ends. */
export type Death =
  /** At a point of the code, which `hits.ts` names. */
  | { readonly at: "point"; readonly point: string }
  /** With its request to DynamoDB on the way, which arrives when all retries have ended. */
  | { readonly at: "request"; readonly index: number };

/** What playing a scenario came to. */
export interface Played {
  readonly story: Story;
  /** The points that the attempt has passed; none if it died. */
  readonly passed: readonly string[];
  /** How many requests it has sent to DynamoDB. */
  readonly requests: number;
  readonly isDead: boolean;
}

/** Longer than any lease in a scenario, and than what the completer waits between its attempts. */
const PAUSE_MS = 10 * 60_000;
const MOST_RETRIES = 4;

/**
 * Plays a scenario: the attempt, the client's retries until it has a final answer, one more, and what
 * comes afterwards.
 *
 * @param death `undefined` = uninterrupted.
 */
export async function play(lane: Lane, scenario: Scenario, death?: Death): Promise<Played> {
  await lane.reset();
  await scenario.prepare?.(lane);
  const call = scenario.call(lane);
  const isFinal = scenario.isFinal ?? isFinalByDefault;

  const stop = scenario.disturb?.(lane);
  const { result, settle, requests } = await attempt(lane, call, death);
  stop?.();

  let last = result;
  for (let retries = 0; retries < MOST_RETRIES; retries += 1) {
    if (last.kind !== "died" && isFinal(last)) break;
    lane.clock.advance(PAUSE_MS);
    last = await lane.call(call);
  }
  await settle?.("arrives");
  lane.clock.advance(PAUSE_MS);
  const again = await lane.call(call);
  const afterwards: CallResult[] = [];
  for (const next of scenario.afterwards ?? []) afterwards.push(await lane.call(next(lane)));
  return {
    story: storyOf({ last, again, afterwards, ...(await lane.books()) }),
    passed: "passed" in result ? result.passed : [],
    requests,
    isDead: result.kind === "died",
  };
}

async function attempt(
  lane: Lane,
  call: Call,
  death: Death | undefined,
): Promise<{ result: CallResult; settle?: Settle; requests: number }> {
  if (death?.at === "request") {
    const killed = await lane.killAtRequest(call, (_, index) => index === death.index);
    return { ...killed, requests: 0 };
  }
  let requests = 0;
  const stop = lane.tap.onRequest(() => {
    requests += 1;
    return "forward";
  });
  const result = await lane.call(call, death?.point);
  stop();
  return { result, requests };
}

const TRY_AGAIN = [409, 425, 429];

function isFinalByDefault(result: CallResult): boolean {
  if (result.kind !== "returned") return false;
  const { statusCode = 200 } = Object(result.answer) as { statusCode?: number };
  return statusCode < 500 && !TRY_AGAIN.includes(statusCode);
}
