import { createCollision, createRefusal } from "../../local/refusal.ts";
import type { TapRequest } from "../../local/tap.ts";
import type { Call } from "./function-pool.ts";
import type { Lane } from "./lane.ts";

/** Refuses the next transactions with a conflict; `pauseMs` pass at each. */
export function collide(lane: Lane, times: number, pauseMs = 0): () => void {
  let left = times;
  return lane.tap.onRequest(({ operation, body }) => {
    if (operation !== "TransactWriteItems" || left === 0) return "forward";
    left -= 1;
    if (pauseMs > 0) lane.clock.advance(pauseMs);
    return createCollision((body.TransactItems as unknown[]).length);
  });
}

/** Refuses the next matching requests with an exception of DynamoDB; `pauseMs` pass at each. */
export function refuse(
  lane: Lane,
  exception: string,
  times: number,
  isMatch: (request: TapRequest) => boolean,
  pauseMs = 0,
): () => void {
  let left = times;
  return lane.tap.onRequest((request) => {
    if (left === 0 || !isMatch(request)) return "forward";
    left -= 1;
    if (pauseMs > 0) lane.clock.advance(pauseMs);
    return createRefusal(exception);
  });
}

/** Delays the first claim, so that little of the invocation is left. */
export function delayClaim(lane: Lane, durationMs: number): () => void {
  let left = 1;
  return lane.tap.onRequest(({ operation }) => {
    if (operation === "UpdateItem" && left > 0) {
      left -= 1;
      lane.clock.advance(durationMs);
    }
    return "forward";
  });
}

/** Whether a request completes a record by itself. */
export function isCompletion({ operation, body }: TapRequest): boolean {
  return operation === "UpdateItem" && JSON.stringify(body).includes("#state = :completed");
}

/** Loses the responses to the first writes: `times` counts the SDK's own retries as well. */
export function loseResponses(lane: Lane, times: number): () => void {
  let left = times;
  return lane.tap.onAnswer(({ operation }) => {
    if (operation !== "UpdateItem" || left === 0) return "pass";
    left -= 1;
    return "drop";
  });
}

/** Advances the clock when the attempt reads the record of another execution. */
export function advanceAtRead(lane: Lane, durationMs: number): () => void {
  let left = 1;
  return lane.tap.onRequest(({ operation }) => {
    if (operation === "GetItem" && left > 0) {
      left -= 1;
      lane.clock.advance(durationMs);
    }
    return "forward";
  });
}

/** Lets another attempt take over and end while the attempt's completion is on its way. */
export function overtake(lane: Lane, call: Call): () => void {
  let left = 1;
  return lane.tap.onRequest(async ({ body }): Promise<"forward"> => {
    if (!JSON.stringify(body).includes("#state = :completed") || left === 0) return "forward";
    left -= 1;
    lane.clock.advance(60_000);
    await lane.call(call);
    return "forward";
  });
}

/** Kills a process at its first request that contains `marks`. The request is lost. */
export async function abandon(lane: Lane, call: Call, marks: string): Promise<undefined> {
  const { settle } = await lane.killAtRequest(call, ({ body }) =>
    JSON.stringify(body).includes(marks),
  );
  await settle("is lost");
}
