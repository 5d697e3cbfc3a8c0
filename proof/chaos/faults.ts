import type { RequestVerdict, TapRequest } from "../../local/tap.ts";
import type { Random } from "./random.ts";

/** A request that was delivered late is there by then, in milliseconds. */
export const LATEST_MS = 2_500;

/** What can happen to a request on its way to DynamoDB and back. */
const FAULTS = {
  "drop request": () => "drop-request" as const,
  "drop answer": () => "drop-answer" as const,
  delay: (_: TapRequest, random: Random) => ({ delayMs: random.integer(20, 900) }),
  late: (_: TapRequest, random: Random) => ({ lateMs: random.integer(100, LATEST_MS) }),
  double: () => "forward-twice" as const,
  throttle: () => failure(400, "ProvisionedThroughputExceededException"),
  conflict,
  "server error": () => failure(500, "InternalServerError"),
} satisfies Record<string, (request: TapRequest, random: Random) => RequestVerdict>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as [FaultName, ...FaultName[]];

/** Whether a request completes a record, by itself or in a transaction. */
export function isCompletion({ body }: TapRequest): boolean {
  return JSON.stringify(body).includes('"COMPLETED"');
}

/** What happens to a request that is disturbed in this way. */
export function disturbed(name: FaultName, request: TapRequest, random: Random): RequestVerdict {
  return FAULTS[name](request, random);
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
