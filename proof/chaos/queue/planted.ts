import type { PlantedFault } from "../../kit/planted-faults.ts";
import { type QueueChances, USUAL_OF_QUEUES } from "./chances.ts";

/** The bank has paid and its answer is lost, so the claim is released after the effect. */
const LOST_PAYMENTS: Partial<QueueChances> = {
  queues: ["start"],
  effects: ["bank"],
  bank: 1,
  twin: 1,
  otherOrder: 1,
};

/** Two messages of one order are delivered at once. */
const TWINS: Partial<QueueChances> = { queues: ["commit"], twin: 1, redelivery: 0.5 };

/** Makes the trouble more likely in which a missing safeguard shows, so that it shows within seconds. */
const BIASES: Partial<Record<PlantedFault, Partial<QueueChances>>> = {
  "blind release": LOST_PAYMENTS,
  "no fingerprint in the takeover": LOST_PAYMENTS,
  "effect split from completion": TWINS,
  "completion as an upsert": TWINS,
};

/** The reason why a fault cannot show with queues. */
export const INVISIBLE_TO_QUEUES: Partial<Record<PlantedFault, string>> = {
  "no fence":
    "a fence protects effects outside of DynamoDB that compare it; the bank recognises a payment by its downstream key instead",
  "no owner check":
    "a commit also asks that the record is claimed, so one of two owners commits, and the bank recognises the downstream key; the kill points and the simulator find it",
};

/** The probabilities for a run without a safeguard. */
export function queueChancesWithout(fault: PlantedFault): QueueChances {
  return { ...USUAL_OF_QUEUES, kill: 0, poison: 0, slow: 0, ...BIASES[fault] };
}
