import type { PlantedFault } from "../kit/planted-faults.ts";
import { type Chances, USUAL } from "./chances.ts";

/** Makes the trouble more likely in which a missing safeguard shows, so that it shows within seconds. */
const BIASES: Partial<Record<PlantedFault, Partial<Chances>>> = {
  // The bank fails, the claim is released, and another order finds the key unused, but with steps.
  "blind release": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "no fingerprint in the takeover": { apis: ["orzcash"], otherOrder: 1, bank: 1 },
  "effect split from completion": { apis: ["dwolla", "dfns transfer"], twin: 1 },
  "completion as an upsert": { apis: ["dwolla", "dfns transfer"], twin: 1 },
};

/** The reason why a fault cannot show here. It matters all the same: other layers find it. */
export const INVISIBLE: Partial<Record<PlantedFault, string>> = {
  "no fence":
    "a fence protects effects outside of DynamoDB that compare it; the sample's bank recognises a request by its downstream key instead",
  "no owner check":
    "a late FREE also asks that nothing has begun, a late CHECKPOINT for the number of steps, and the bank recognises the downstream key; the kill points and the simulator find it",
};

/** The probabilities for a run without a safeguard. */
export function chancesWithout(fault: PlantedFault): Chances {
  return { ...USUAL, kill: 0, ...BIASES[fault] };
}
