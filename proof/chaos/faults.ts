import type { RequestVerdict, TapRequest } from "../../local/tap.ts";
import type { Random } from "./random.ts";

/** A request that was delivered late is there by then, in milliseconds. */
export const LATEST_MS = 2_500;

/** What can happen to a request on its way to DynamoDB and back. */
const FAULTS: Readonly<Record<string, (request: TapRequest, random: Random) => RequestVerdict>> = {
  "drop request": () => "drop-request",
  "drop answer": () => "drop-answer",
  delay: (_, random) => ({ delayMs: random.integer(20, 900) }),
  late: (_, random) => ({ lateMs: random.integer(100, LATEST_MS) }),
  double: () => "forward-twice",
  throttle: () => failure(400, "ProvisionedThroughputExceededException"),
  conflict: conflict,
  "server error": () => failure(500, "InternalServerError"),
};

export type FaultName = keyof typeof FAULTS;

const NAMES = Object.keys(FAULTS) as [string, ...string[]];

/** Draws what happens to a request. */
export function drawFault(request: TapRequest, random: Random): RequestVerdict {
  return (FAULTS[random.pick(NAMES)] as (typeof FAULTS)[string])(request, random);
}

/**
 * Another transaction holds one of the items. Not the record: that would mean that somebody is
 * committing under this very key, and the engines do it for themselves.
 */
function conflict({ operation, body }: TapRequest, random: Random): RequestVerdict {
  if (operation !== "TransactWriteItems") return failure(400, "ThrottlingException");
  const writes = (body.TransactItems as unknown[]).length;
  const held = random.integer(Math.min(1, writes - 1), writes - 1);
  const codes = Array.from({ length: writes }, (_, index) =>
    index === held ? "TransactionConflict" : "None",
  );
  return failure(400, "TransactionCanceledException", {
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

function failure(status: number, name: string, more: object = {}): RequestVerdict {
  const __type = `com.amazonaws.dynamodb.v20120810#${name}`;
  return { status, body: { __type, message: "injected", ...more } };
}
