import type { TapRequest } from "../../local/tap.ts";
import type { Call } from "./function-pool.ts";
import type { Lane } from "./lane.ts";

/** Transactions collide so often, and each time takes a while. */
export function collide(lane: Lane, times: number, pauseMs = 0): () => void {
  let left = times;
  return lane.tap.onRequest(({ operation, body }) => {
    if (operation !== "TransactWriteItems" || left === 0) return "forward";
    left -= 1;
    if (pauseMs > 0) lane.clock.advance(pauseMs);
    return { status: 400, body: collision(body.TransactItems as unknown[]) };
  });
}

/** What DynamoDB answers when another transaction holds one of the items. */
function collision(writes: readonly unknown[]): Record<string, unknown> {
  return {
    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    Message: "Transaction cancelled",
    CancellationReasons: writes.map((_, index) => ({
      Code: index === 1 ? "TransactionConflict" : "None",
    })),
  };
}

/** DynamoDB refuses so many of the requests that are meant, with this exception. */
export function refuse(
  lane: Lane,
  exception: string,
  times: number,
  isMeant: (request: TapRequest) => boolean,
): () => void {
  let left = times;
  return lane.tap.onRequest((request) => {
    if (left === 0 || !isMeant(request)) return "forward";
    left -= 1;
    const __type = `com.amazonaws.dynamodb.v20120810#${exception}`;
    return { status: exception === "InternalServerError" ? 500 : 400, body: { __type } };
  });
}

/** The first claim takes so long that little of the invocation is left. */
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
export function completes({ operation, body }: TapRequest): boolean {
  return operation === "UpdateItem" && JSON.stringify(body).includes("#state = :completed");
}

/** The answers to so many of the first writes are lost: all that the SDK sends of one. */
export function loseAnswers(lane: Lane, times: number): () => void {
  let left = times;
  return lane.tap.onAnswer(({ operation }) => {
    if (operation !== "UpdateItem" || left === 0) return "pass";
    left -= 1;
    return "drop";
  });
}

/** When the attempt looks whether somebody else has ended, time has passed. */
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

/** While the write that completes the attempt is on its way, another attempt takes over and ends. */
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

/** A process dies with its first request of this kind, which is lost. */
export async function abandon(lane: Lane, call: Call, marks: string): Promise<undefined> {
  const { settle } = await lane.killAtRequest(call, ({ body }) =>
    JSON.stringify(body).includes(marks),
  );
  await settle("is lost");
}
