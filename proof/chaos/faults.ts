import { createCollision, createRefusal } from "../../local/refusal.ts";
import type { RequestVerdict, TapRequest } from "../../local/tap.ts";
import type { Random } from "../kit/random.ts";

/** The longest delay of a request that is delivered late, in milliseconds. */
export const LATEST_MS = 2_500;

/** The faults of a request on its way to DynamoDB, and of its response on the way back. */
const FAULTS = {
  "drop request": () => "drop-request" as const,
  "drop response": () => "drop-answer" as const,
  delay: (_: TapRequest, random: Random) => ({ delayMs: random.integer(20, 900) }),
  late: (_: TapRequest, random: Random) => ({ lateMs: random.integer(100, LATEST_MS) }),
  double: () => "forward-twice" as const,
  throttle: () => createRefusal("ProvisionedThroughputExceededException"),
  conflict: collide,
  "server error": () => createRefusal("InternalServerError"),
} satisfies Record<string, (request: TapRequest, random: Random) => RequestVerdict>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as [FaultName, ...FaultName[]];

/** Whether a request completes a record, by itself or in a transaction. */
export function isCompletion({ body }: TapRequest): boolean {
  return JSON.stringify(body).includes('"COMPLETED"');
}

/** Chooses what the tap does with a request that has this fault. */
export function disturb(name: FaultName, request: TapRequest, random: Random): RequestVerdict {
  return FAULTS[name](request, random);
}

/**
 * Another transaction holds one of the items, but not the record. A conflict on the record means
 * another commit under the same key, and the engines produce those themselves.
 */
function collide({ operation, body }: TapRequest, random: Random): RequestVerdict {
  if (operation !== "TransactWriteItems") return createRefusal("ThrottlingException");
  const writes = (body.TransactItems as unknown[]).length;
  const held = random.integer(Math.min(1, writes - 1), writes - 1);
  return createCollision(writes, held);
}
