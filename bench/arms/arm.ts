import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { HttpResponse } from "../../lib/index.ts";
import type { HttpEvent, InvocationContext } from "../requests/event.ts";
import type { Business } from "./business.ts";

export type Handler = (event: HttpEvent, context: InvocationContext) => Promise<unknown>;

/** The handler's effect: outside DynamoDB, or a transfer in a DynamoDB transaction. */
export type Effect = "outside" | "transfer";

/** The parts of a handler. */
export interface Wiring {
  readonly client: DynamoDBClient;
  /** The table of the records. */
  readonly records: string;
  readonly business: Business;
  readonly effect: Effect;
  readonly answer: HttpResponse;
  /** Whether to turn on the library's own cache of completed records. */
  readonly cached: boolean;
}

/** One of the compared ways to make a handler. */
export interface Arm {
  readonly name: string;
  /** Its abilities: a bare handler knows no repeats, and `claimAt: "commit"` no request in flight. */
  readonly knows: Readonly<
    Record<"outsideEffects" | "repeats" | "inFlight" | "mismatch" | "cache", boolean>
  >;
  /** The library's default client. */
  connect(endpoint: string): DynamoDBClient;
  handler(wiring: Wiring): Handler;
}
