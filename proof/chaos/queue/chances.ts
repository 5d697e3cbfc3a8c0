import { type Chances, USUAL } from "../chances.ts";
import type { QueueName, QueueOrder } from "./history.ts";

/** Probabilities, per order, per message or per strike. Processes and requests have the same trouble as over HTTP. */
export interface QueueChances extends Chances {
  readonly queues: readonly QueueName[];
  /** The effects to draw from, in the queues whose consumer claims at the start. */
  readonly effects: readonly [QueueOrder["effect"], ...QueueOrder["effect"][]];
  /** The order cannot be carried out. */
  readonly poison: number;
  /** The handler takes a while, at times longer than the invocation lasts. */
  readonly slow: number;
  /** The messages in flight are delivered once more. Drawn at every strike, for each queue. */
  readonly redelivery: number;
  /** The dead letters are moved back. Drawn at every strike, for each queue. */
  readonly redrive: number;
}

/** The chances of HTTP that queues share: `twin` sends a message again, `otherOrder` is a mismatch. */
export const USUAL_OF_QUEUES: QueueChances = {
  ...USUAL,
  twin: 0.35,
  otherOrder: 0.08,
  queues: ["start", "start.fifo", "commit", "commit.fifo"],
  effects: ["ledger", "bank"],
  poison: 0.05,
  slow: 0.1,
  redelivery: 0.12,
  redrive: 0.12,
};
