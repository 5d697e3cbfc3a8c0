import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { HttpResponse } from "../../lib/index.ts";
import type { HttpEvent, InvocationContext } from "../requests/event.ts";
import type { Business } from "./business.ts";

export type Handler = (event: HttpEvent, context: InvocationContext) => Promise<unknown>;

/** Whether the effect is somebody else's, or a transaction of DynamoDB. */
export type Effect = "outside" | "transfer";

/** What a handler is made of. */
export interface Wiring {
  readonly client: DynamoDBClient;
  /** The table of the records. */
  readonly records: string;
  readonly business: Business;
  readonly effect: Effect;
  readonly answer: HttpResponse;
  /** Whether the library's own cache of completed records is on. */
  readonly cached: boolean;
}

/** One way to make a handler, of those that are compared. */
export interface Arm {
  readonly name: string;
  /** What it knows: a bare handler knows no repeats, and `claimAt: "commit"` no request in flight. */
  readonly knows: Readonly<
    Record<"outsideEffects" | "repeats" | "inFlight" | "mismatch" | "cache", boolean>
  >;
  /** The client that its users get if they do not bring their own. */
  connect(endpoint: string): DynamoDBClient;
  handler(wiring: Wiring): Handler;
}
