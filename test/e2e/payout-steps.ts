import type { TapRequest } from "../../local/tap.ts";

/** The writes in which a payout's steps are recorded, in their order. */
export const STEPS = ["reserve", "bank", "settle"] as const;

export type StepName = (typeof STEPS)[number];

/** The step of a payout that a request to DynamoDB records, if it records a step. */
export function findStep({ operation, body }: TapRequest): StepName | undefined {
  const text = JSON.stringify(body);
  if (operation === "TransactWriteItems") {
    return text.includes("#steps = ") ? "reserve" : "settle";
  }
  return operation === "UpdateItem" && text.includes("#steps = list_append") ? "bank" : undefined;
}
